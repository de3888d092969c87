#include "base/fault.h"

#ifdef WEIR_FAULT_POINTS
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <string>

namespace weir {
namespace {

// WEIR_FAULT=<n>, or <name>[:<k>].
struct Plan {
  std::string name;  // empty: any point counts
  long visit = 0;    // 0: never
};

Plan plan_from_environment() {
  const char* text = std::getenv("WEIR_FAULT");
  if (text == nullptr) return {};
  std::string_view rest(text);
  Plan plan{.name = "", .visit = 1};
  const auto colon = rest.rfind(':');
  const std::string_view number = colon == std::string_view::npos ? rest : rest.substr(colon + 1);
  long n = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), n);
  const bool is_number = failure == std::errc() && end == number.data() + number.size();
  if (is_number) plan.visit = n;
  if (!is_number) plan.name = std::string(rest);
  if (is_number && colon != std::string_view::npos) plan.name = std::string(rest.substr(0, colon));
  return plan;
}

std::mutex mutex;
FaultHandler handler = nullptr;
void* handler_context = nullptr;
long visits = 0;

}  // namespace

void set_fault_handler(FaultHandler new_handler, void* context) {
  std::lock_guard lock(mutex);
  handler = new_handler;
  handler_context = context;
}

void fault_point(std::string_view name) {
  static const Plan plan = plan_from_environment();
  FaultHandler call = nullptr;
  void* context = nullptr;
  {
    std::lock_guard lock(mutex);
    call = handler;
    context = handler_context;
    if (call == nullptr && plan.visit != 0 && (plan.name.empty() || plan.name == name) &&
        ++visits == plan.visit) {
      ::kill(::getpid(), SIGKILL);
    }
  }
  if (call != nullptr) call(context, name);
}

}  // namespace weir
#endif
