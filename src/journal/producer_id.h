// The producer that a journals folder appends as: 6 random bytes, made once, kept in
// `<root>/.producer` as 12 hex digits and a newline.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "document/uuid.h"

namespace weir::journal {

// Reads it, or makes it; of several processes that make it at once, one wins and all get the same.
// kCorrupt: the file holds something else.
Result<document::Producer> producer_of_root(const std::string& root, Random& random);

}  // namespace weir::journal
