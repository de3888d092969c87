// A catalog is written by hand: any text must load, report its problems at places that exist, and
// build, or be refused. What builds must survive the codec of specifications.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "catalog/build.h"
#include "catalog/load.h"
#include "catalog/validate.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"
#include "protocol/spec_json.h"

namespace {

using namespace weir::catalog;

constexpr std::string_view kImported = R"(
collections:
  acmeCo/imported:
    schema: { type: object, properties: { id: { type: string } }, required: [id] }
    key: [/id]
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  MemoryFiles files(
      {{"flow.yaml", text}, {"flow.json", text}, {"imported.yaml", std::string(kImported)}});
  LoadOptions options;
  options.files = &files;
  options.yaml = [](std::string_view yaml, weir::json::Arena& arena) {
    return weir::json::parse_yaml(yaml, arena);
  };
  options.regex = weir::json::re2_regex_factory();
  for (const char* path : {"flow.yaml", "flow.json"}) {
    const Loaded loaded = load({path}, options);
    for (const Problem& problem : validate(loaded)) {
      WEIR_CHECK(!problem.message.empty() && !problem.remedy.empty());
      WEIR_CHECK(!format_problem(problem).empty());
    }
    for (const BuiltMaterialization& built :
         build(loaded.catalog, permissive_constraints()).materializations) {
      const auto read = weir::protocol::spec_from_json(weir::protocol::to_json(built.spec));
      WEIR_CHECK(read.has_value() && *read == built.spec);
    }
  }
  return 0;
}
