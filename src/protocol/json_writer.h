// Writing JSON objects member by member, leaving defaults out. Appends to a string of the caller's;
// members appear in the order of the calls. Private to this folder.
#pragma once

#include <fmt/core.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "json/number.h"
#include "json/value.h"

namespace weir::protocol {

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ~ObjectWriter() { out_ += '}'; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  // The name and its colon; the caller appends the value.
  std::string& member(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    json::write_string(name, out_);
    out_ += ':';
    return out_;
  }
  // Left out where empty, false or 0.
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) json::write_string(value, member(name));
  }
  void raw(std::string_view name, std::string_view json) {
    if (!json.empty()) member(name) += json;
  }
  void flag(std::string_view name, bool value) {
    if (value) member(name) += "true";
  }
  void number(std::string_view name, std::uint32_t value) {
    if (value != 0) member(name) += fmt::format("{}", value);
  }
  void number(std::string_view name, double value) {
    if (value != 0) member(name) += json::shortest_double(value);
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    list(name, values, [](std::string& out, const std::string& v) { json::write_string(v, out); });
  }
  template <typename T, typename WriteItem>
  void list(std::string_view name, const std::vector<T>& items, WriteItem write_item) {
    if (items.empty()) return;
    std::string& out = member(name);
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ',';
      write_item(out, items[i]);
    }
    out += ']';
  }
  // Field → JSON text.
  void raw_map(std::string_view name, const std::map<std::string, std::string>& values) {
    if (values.empty()) return;
    ObjectWriter object(member(name));
    for (const auto& [key, json] : values) object.raw(key, json.empty() ? "null" : json);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace weir::protocol
