// The text of a first catalog: what `weir init` writes. Comments in it say what each part is for
// and what may be changed. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::app {

struct InitCollection {
  std::string name;                // my/orders
  std::string table;               // orders
  std::vector<std::string> files;  // patterns; empty: its documents are appended to a journal
  std::vector<std::string> key;    // JSON pointers
  bool key_given = false;          // by the user, rather than found to be unique
  std::string schema_json;
  std::uint64_t documents = 0;  // that it was worked out from
  bool cut_short = false;       // and there are more
  std::uint64_t compared = 0;   // of which the values of the key were compared
};

struct InitCatalog {
  std::vector<InitCollection> collections;
  std::string database;  // path of the SQLite file, as written
};

std::string init_catalog_text(const InitCatalog& catalog);

}  // namespace weir::app
