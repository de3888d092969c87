// The JSON of windows and table references, shared by the entry and by the records of the local
// store; and a strict reader for such texts. Names and order of members are on disk: golden files
// pin them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delivery/window.h"
#include "json/value.h"

namespace weir::delivery {

void append_window(const Window& window, std::string& out);
void append_table(const TableRef& table, std::string& out);
void append_tables(const std::vector<TableRef>& tables, std::string& out);

// Reads an object member by member and insists that every member was asked for. After the first
// failure all further reads give zero values; finish() tells. One failure text names the member,
// never a value.
class ObjectReader {
 public:
  ObjectReader(const json::Value& value, std::string_view what);

  bool has(std::string_view name) const { return value_.find(name) != nullptr; }
  const json::Value* member(std::string_view name);  // nullptr: absent or failed
  std::uint64_t number(std::string_view name, std::uint64_t most = UINT64_MAX);
  Timestamp time(std::string_view name);  // within the years 1 to 9999
  bool boolean(std::string_view name);
  std::string text(std::string_view name);
  std::string session(std::string_view name);  // 32 lower-case hex digits, or empty
  std::vector<std::string> texts(std::string_view name);
  void fail(std::string_view name, std::string_view why);
  Status finish();  // kCorrupt: what failed first, or a member that nobody asked for

 private:
  const json::Value& value_;
  std::string what_;
  std::size_t asked_ = 0;
  std::string failure_;
};

// kCorrupt unless append_window could have written it: 0 ≤ after < through, table indexes ascending
// and below `tables`.
Result<Window> read_window(const json::Value& value, std::size_t tables);
Result<TableRef> read_table(const json::Value& value);
Result<std::vector<TableRef>> read_tables(const json::Value& value);

}  // namespace weir::delivery
