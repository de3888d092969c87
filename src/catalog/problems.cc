#include "catalog/problems.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "catalog/load.h"

namespace weir::catalog {

namespace {
constexpr std::size_t kNameBytesMax = 40;

// Warnings of what is well where files are published: only weir's own members silence the first
// two, and the platform there knows the schemas.
bool is_well_where_published(std::string_view code) {
  return code == "W101" || code == "W103" || code == "W112";
}
}  // namespace

void Problems::add(std::string_view code, Location location, std::string message,
                   std::string remedy) {
  const CodeInfo* info = find_code(code);
  WEIR_CHECK(info != nullptr);
  if (published_ && is_well_where_published(code)) return;
  if (info->severity() == Severity::kError) ++errors_;
  if (problems_.size() >= kProblemsMax) {
    ++dropped_;
    return;
  }
  if (remedy.empty()) remedy = info->remedy;
  problems_.push_back({info->severity(), std::string(info->code), std::move(location),
                       std::move(message), std::move(remedy)});
}

void Problems::own(Location location, std::string_view what) {
  if (published_) add("E209", std::move(location), fmt::format("{} is weir's own", what));
}

bool looks_like_a_name(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && text.size() <= kNameBytesMax && letter(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

std::string quoted_name(std::string_view name, bool confidential) {
  if (confidential && !looks_like_a_name(name)) return "a member";
  return fmt::format("\"{}\"", name);
}

}  // namespace weir::catalog
