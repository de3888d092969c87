// The entry comes back from a destination that others write to. Whatever decodes must encode to
// bytes that decode to the same, and the books must stand it: recover, commit, deliver, without a
// check.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "delivery/ledger.h"
#include "delivery/take_over.h"

namespace {

using namespace weir::delivery;

TriggerTerms terms(const std::string& identity, const std::string& former) {
  TriggerTerms out;
  out.identity = identity;
  out.former_identity = former;
  out.label = identity;
  return out;
}

// The first trigger of the entry stays, the second gains a name, the others left the spec.
std::vector<TriggerTerms> some_terms(const Entry& entry) {
  std::vector<TriggerTerms> out;
  for (const auto& [identity, owed] : entry.triggers) {
    if (out.size() == 2) break;
    out.push_back(out.empty() ? terms(identity, "") : terms("named", identity));
  }
  if (!out.empty()) out.front().merge_pending = false;
  return out;
}

void work_with(const Entry& entry) {
  auto ledger = Ledger::recover(entry, some_terms(entry), {});
  if (!ledger) return;
  TransactionFacts facts;
  facts.tables = {{.table = 0, .documents = 1, .stored = 1}};
  const weir::Timestamp now{std::chrono::seconds(1)};
  for (int i = 0; i < 3; ++i) {
    for (const Ready& ready : ledger->take_ready(now)) ledger->delivered(ready.key, now);
    const auto composed = ledger->compose(std::string(32, '0'), facts, {},
                                          {{.state_key = "t", .path = {"t"}, .collection = "c"}});
    if (!composed) return;
    const auto bytes = encode(*composed);
    if (!bytes) return;
    const auto decoded = decode_entry(*bytes);
    WEIR_CHECK(decoded.has_value());
    WEIR_CHECK(*decoded == *composed);
    ledger->release();
    ledger->take_prunable();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto entry = decode_entry(text);
  if (entry) {
    const auto encoded = encode(*entry);
    WEIR_CHECK(encoded.has_value());
    const auto again = decode_entry(*encoded);
    WEIR_CHECK(again.has_value());
    WEIR_CHECK(*again == *entry);
    work_with(*entry);
  } else {
    WEIR_CHECK(entry.error().code == weir::Code::kRefused);
  }
  const auto taken = take_over_trigger_params(text, {terms("a", ""), terms("b", "a")});
  if (taken) {
    WEIR_CHECK(decode_entry(encode(*taken).value_or("")).has_value());
    work_with(*taken);
  }
  return 0;
}
