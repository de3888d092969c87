// Reads an endpoint's or a resource's config strictly: one member after the other by name, then
// what is left over is unknown and gets a "did you mean". Messages name places, never a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace weir::connector {

class ConfigReader {
 public:
  // `place` starts every message: "endpoint.sqlite". kInvalid unless the text is one JSON object.
  static Result<ConfigReader> parse(std::string place, std::string_view json_text);

  // kInvalid where the member is absent (and required) or of another type. null counts as absent.
  Result<std::string> required_text(std::string_view name);
  Result<std::string> text(std::string_view name, std::string_view otherwise);
  Result<bool> flag(std::string_view name, bool otherwise);
  // After the last member: kInvalid if the object has any other.
  Status done() const;

 private:
  ConfigReader(std::string place, json::Tree tree)
      : place_(std::move(place)), tree_(std::move(tree)) {}
  const json::Value* member(std::string_view name);

  std::string place_;
  json::Tree tree_;
  std::vector<std::string_view> known_;  // names asked for; they must outlive the reader
};

}  // namespace weir::connector
