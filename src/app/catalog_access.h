// The catalog as commands use it: read from disk, checked, built.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/command.h"
#include "base/result.h"
#include "catalog/build.h"
#include "catalog/load.h"
#include "catalog/validate.h"

namespace weir::app {

catalog::Loaded load_catalog(const std::vector<std::string>& flow);

// Loads, checks and builds. Problems are printed to standard error; nullopt-like: an error of
// kInvalid if any is an error. Warnings are printed where `warn` says so.
enum class Warnings { kPrint, kKeepQuiet };
// `collections`, where given, gets those that are usable.
Result<catalog::Built> build_catalog(
    const std::vector<std::string>& flow, Warnings warnings,
    std::map<std::string, catalog::Collection>* collections = nullptr);

// The collection of that name. kInvalid: the catalog has errors (printed); kNotFound with the
// nearest name.
Result<catalog::Collection> find_collection(const std::vector<std::string>& flow,
                                            std::string_view name);

// Prints problems to standard error, coloured on a terminal.
void print_problems(const std::vector<catalog::Problem>& problems);

}  // namespace weir::app
