#include "web/host_regex.h"

#include <memory>

namespace weir::web {
namespace {

#define WEIR_IMPORT(name) __attribute__((import_module("weir"), import_name(name)))

// A number for the compiled pattern, or -1 if it is none.
WEIR_IMPORT("compile_pattern") extern "C" int weir_compile_pattern(const char* text, std::size_t);
WEIR_IMPORT("search") extern "C" int weir_search(int pattern, const char* text, std::size_t);
WEIR_IMPORT("drop_pattern") extern "C" void weir_drop_pattern(int pattern);

class HostRegex : public json::Regex {
 public:
  explicit HostRegex(int pattern) : pattern_(pattern) {}
  HostRegex(const HostRegex&) = delete;
  HostRegex& operator=(const HostRegex&) = delete;
  ~HostRegex() override { weir_drop_pattern(pattern_); }
  bool search(std::string_view text) const override {
    return weir_search(pattern_, text.data(), text.size()) != 0;
  }

 private:
  const int pattern_;
};

}  // namespace

json::RegexFactory host_regex_factory() {
  return [](std::string_view text) -> Result<std::unique_ptr<json::Regex>> {
    const int pattern = weir_compile_pattern(text.data(), text.size());
    if (pattern < 0) return error(Code::kInvalid, "not a regular expression of ECMA-262");
    return std::make_unique<HostRegex>(pattern);
  };
}

}  // namespace weir::web
