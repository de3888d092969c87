// The module's exports. Texts are UTF-8: the caller puts arguments into memory from `malloc` and
// frees them. An answer is {u32 failed, u32 size, size bytes}; the caller frees it, too. A failed
// one holds the error. After a trap the instance must not be used again.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "catalog/trigger_schema.h"
#include "secrets/draft_fields.h"
#include "web/functions.h"

namespace weir::web {
namespace {

struct Answer {
  std::uint32_t failed;
  std::uint32_t size;
};

Answer* answer(bool failed, std::string_view text) {
  void* memory = std::malloc(sizeof(Answer) + text.size());
  WEIR_CHECK(memory != nullptr);
  auto* made = new (memory) Answer{failed ? 1u : 0u, static_cast<std::uint32_t>(text.size())};
  std::memcpy(made + 1, text.data(), text.size());
  return made;
}

Answer* answer(const Result<std::string>& result) {
  return result ? answer(false, *result) : answer(true, result.error().message);
}

}  // namespace
}  // namespace weir::web

using weir::web::answer;
using weir::web::Answer;

#define WEIR_EXPORT(name) extern "C" __attribute__((export_name(name))) Answer*

extern "C" __attribute__((export_name("malloc"))) void* weir_malloc(std::size_t size) {
  return std::malloc(size);
}
extern "C" __attribute__((export_name("free"))) void weir_free(void* memory) {
  std::free(memory);
}

WEIR_EXPORT("get_trigger_config_schema") weir_get_trigger_config_schema() {
  return answer(false, weir::catalog::published_trigger_schema());
}
WEIR_EXPORT("strip_trigger_hmac_excluded_fields")
weir_strip(const char* triggers, std::size_t size) {
  return answer(weir::web::strip_triggers({triggers, size}));
}
WEIR_EXPORT("restore_trigger_hmac_excluded_fields")
weir_restore(const char* encrypted, std::size_t size, const char* originals,
             std::size_t originals_size) {
  return answer(weir::secrets::restore_trigger_hmac_excluded_fields({encrypted, size},
                                                                    {originals, originals_size}));
}
WEIR_EXPORT("validate_flow") weir_validate_flow(const char* request, std::size_t size) {
  return answer(weir::web::validate_flow({request, size}));
}
WEIR_EXPORT("render_payload")
weir_render_payload(const char* text, std::size_t size, const char* variables,
                    std::size_t variables_size) {
  return answer(weir::web::render_payload({text, size}, {variables, variables_size}));
}
WEIR_EXPORT("inspect_template") weir_inspect_template(const char* text, std::size_t size) {
  return answer(false, weir::web::inspect_template({text, size}));
}
