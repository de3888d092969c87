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

// Texts of files by their paths, as the catalog writes them.
using Texts = std::map<std::string, std::string>;

// How a command uses a catalog.
struct CatalogUse {
  std::string journals = {};  // what flow://inferred-schema is inferred from; empty: it is not
  bool published = false;     // held to the published model
  // The only materializations that matter: what is wrong with others alone is not told, and does
  // not count. Empty: all do.
  std::vector<std::string> names = {};
  // A destination that gives no answer now is no error: Built::unasked has it.
  bool may_wait = false;
  const Texts* instead = nullptr;  // taken instead of what is on disk
  Texts* seen = nullptr;           // gets every text that was read
};
catalog::Loaded load_catalog(const std::vector<std::string>& flow, const CatalogUse& use = {});

// Loads, checks and builds. Problems are printed to standard error; kInvalid if any is an error,
// kUnavailable if the errors are no others than destinations that give no answer.
// Warnings are printed where `warnings` says so. `collections`, where given, gets those that are
// usable.
enum class Warnings { kPrint, kKeepQuiet };
Result<catalog::Built> build_catalog(
    const std::vector<std::string>& flow, Warnings warnings, const CatalogUse& use = {},
    std::map<std::string, catalog::Collection>* collections = nullptr);

// The collection of that name. kInvalid: the catalog has errors (printed); kNotFound with the
// nearest name.
Result<catalog::Collection> find_collection(const std::vector<std::string>& flow,
                                            std::string_view name);

// Prints problems to standard error, coloured on a terminal.
void print_problems(const std::vector<catalog::Problem>& problems);

}  // namespace weir::app
