// Templates are tenant input: any bytes must parse or be refused, and what parses must print, be
// inspected and render within its limits. The input is a template, or a template, a byte 0xff
// (which no template in UTF-8 holds) and JSON data.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "handlebars/template.h"
#include "json/events.h"

namespace {

using weir::handlebars::Escape;
using weir::handlebars::RenderOptions;
using weir::handlebars::SourceMap;
using weir::handlebars::Template;

constexpr std::string_view kData =
    R"({"a":{"b":[1,{"c":"x\"y"}],"length":2},"l":["p","q",[]],"s":"text","n":null,"t":true,
        "f":false,"z":0,"e":"","o":{"k":{"k":{"k":1.50}}},"":"empty","0":"zero"})";

void check_render(const Template& parsed, const weir::json::Value& data) {
  RenderOptions options;
  SourceMap map;
  const auto strict = weir::handlebars::render(parsed, data, options, &map);
  if (strict) {
    WEIR_CHECK(strict->size() <= weir::handlebars::kOutputBytesMax);
    std::size_t last = 0;
    for (const auto& entry : map) {
      WEIR_CHECK(entry.output_offset >= last && entry.output_offset <= strict->size());
      WEIR_CHECK(entry.line > 0 && entry.column > 0);
      last = entry.output_offset;
    }
    weir::handlebars::locate(map, *strict, strict->size() / 2);
  } else {
    WEIR_CHECK(strict.error().line > 0 && strict.error().column > 0);
  }
  options.strict = false;
  const auto lenient = weir::handlebars::render(parsed, data, options);
  // Strict rules only add errors.
  if (strict) WEIR_CHECK(lenient && *lenient == *strict);
  options.compat = true;
  options.escape = Escape::kHtml;
  options.partials = {{"p", &parsed}};
  (void)weir::handlebars::render(parsed, data, options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t split = input.find('\xff');
  const auto parsed = Template::parse(input.substr(0, split));
  if (!parsed) {
    WEIR_CHECK(parsed.error().line > 0 && parsed.error().column > 0);
    return 0;
  }
  (void)parsed->print();
  (void)parsed->paths();
  (void)parsed->problems();
  const bool has_data = split != std::string_view::npos;
  const auto data = weir::json::parse_tree(has_data ? input.substr(split + 1) : kData);
  if (data) check_render(*parsed, data->root);
  return 0;
}
