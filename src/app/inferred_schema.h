// What flow://inferred-schema stands for on this machine: a schema inferred from the documents that
// the journals of a collection hold, each time a catalog is read.
#pragma once

#include <string>

#include "app/init_sample.h"
#include "catalog/load.h"

namespace weir::app {

// The first documents of a collection that are looked at, of all its journals together: as many as
// weir init looks at.
inline constexpr std::size_t kInferenceDocumentsMax = kSampleDocumentsMax;
inline constexpr std::size_t kInferenceBytesMax = kSampleBytesMax;

// `root`: the folder of the journals; collections that name files are read from those. A journal
// that cannot be read counts as one without more documents: whoever reads it for good will say why.
catalog::InferredSchemaOf inferred_from_journals(std::string root);

}  // namespace weir::app
