// What weir init makes of its arguments before it reads any document: which collections there will
// be, of which files, and by which patterns a catalog names them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::app {

struct PlannedCollection {
  std::string name;
  std::vector<std::string> inputs;  // files as they were given or found; "-": standard input
};

// Each file is a collection named after it; but files of one folder whose names differ in their
// digits only, as those of days do, are one collection. A folder stands for the files directly in
// it that have an ending of documents (is_document_file()). `together`, unless empty: all are one
// collection of this name. kInvalid: two collections of one name, standard input twice, a folder
// without such files.
Result<std::vector<PlannedCollection>> plan_collections(const std::vector<std::string>& arguments,
                                                        const std::string& together);

// .json .jsonl .ndjson .csv .tsv, and with .gz or .zst behind.
bool is_document_file(std::string_view name);

// "my/" and the file's name without folder and endings; what a collection's name cannot have, as
// spaces and quotes, is "_".
std::string collection_name_of(std::string_view file);
// The last part of a collection's name as a table's that needs no quotes.
std::string table_name_of(std::string_view collection);

// A pattern that matches this path, and is text.
std::string pattern_of(std::string_view path);
// Patterns for a catalog at `output` ("-": in the working folder). Several files of one folder are
// one pattern with a `*` if that names them all and no other file; else each is named.
Result<std::vector<std::string>> patterns_for(const std::vector<std::string>& files,
                                              const std::string& output);

}  // namespace weir::app
