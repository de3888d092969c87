#include "testing/sim_catalog.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/check.h"

namespace weir::testing {
namespace {

constexpr int kNamesMax = 2;
constexpr int kBackfillMax = 3;

std::string collection(std::string_view name) {
  return fmt::format(R"(
  shop/{}:
    key: [/id]
    schema:
      type: object
      required: [id]
      properties:
        id: {{ type: integer }}
        total: {{ type: integer, reduce: {{ strategy: sum }} }}
        name: {{ type: string }}
      reduce: {{ strategy: merge }})",
                     name);
}

std::string binding(std::string_view table, const SimCatalog& catalog) {
  std::string out =
      fmt::format("\n      - {{ source: shop/{}, backfill: {}, resource: {{ table: {}{} }}", table,
                  catalog.backfill, table, table == "sales" ? ", delta_updates: true" : "");
  // The judges read whole documents.
  out += ", fields: { recommended: true, require: { flow_document: {} }";
  if (table == "orders" && catalog.excludes) out += ", exclude: [name]";
  return out + " } }";
}

std::string text_of(const SimTrigger& trigger) {
  static constexpr const char* kExhausted[] = {"failTask", "park", "discard"};
  std::string out = fmt::format("\n        - url: http://{}.test/hook", trigger.letter);
  const auto add = [&](std::string line) { out += "\n          " + std::move(line); };
  if (trigger.name > 0) add(fmt::format("name: {}{}", trigger.letter, trigger.name));
  add(trigger.background ? "delivery: background" : "delivery: inline");
  add(fmt::format("onExhausted: {}", kExhausted[static_cast<int>(trigger.exhausted)]));
  if (trigger.attempts > 0) add(fmt::format("maxAttempts: {}", trigger.attempts));
  if (!trigger.enabled) add("enabled: false");
  if (!trigger.merges) add("mergePending: false");
  if (trigger.interval) add("interval: 10m");
  add(fmt::format("headers: {{ Authorization: \"Bearer {}-{}\" }}", kCanary, trigger.letter));
  add(fmt::format("secrets: {{ key: {}-key }}", kCanary));
  add(fmt::format(
      R"(payloadTemplate: '{{"words":{},"trigger":"{{{{trigger}}}}","key":"{{{{secrets.key}}}}",)"
      R"("run":"{{{{run_id}}}}","range":[{{{{transactions.after}}}},{{{{transactions.through}}}}],)"
      R"("docs":[{{{{#each tables}}}}{{{{documents}}}}{{{{#unless @last}}}},{{{{/unless}}}}{{{{/each}}}}]}}')",
      trigger.words));
  return out;
}

std::string catalog_text(const SimCatalog& catalog, const SimTrigger* trigger) {
  std::string out = "collections:";
  std::string bindings;
  for (const std::string_view name : {"orders", "notes", "sales"}) {
    if (name == "notes" && !catalog.notes) continue;
    if (name == "sales" && !catalog.sales) continue;
    out += collection(name);
    bindings += binding(name, catalog);
  }
  out += "\nmaterializations:\n  shop/tables:\n    endpoint: { sqlite: { path: scenario.db } }";
  out += "\n    bindings:" + bindings;
  if (trigger != nullptr) out += "\n    triggers:\n      config:" + text_of(*trigger);
  return out + "\n";
}

using Part = std::shared_ptr<const catalog::BuiltMaterialization>;

// Of a history's catalogs the parts are few.
const Part& part(const std::string& text, Endpoint endpoint) {
  static std::map<std::pair<std::string, Endpoint>, Part> parts;
  Part& out = parts[{text, endpoint}];
  if (out == nullptr) {
    World world({.endpoint = endpoint, .folder = "", .seed = 1});
    const Status set = world.set_catalog(text);
    if (!set) fmt::print(stderr, "{}\n{}\n", text, set.error().message);
    WEIR_CHECK(set.has_value());
    out = std::make_shared<const catalog::BuiltMaterialization>(world.built());
  }
  return out;
}

SimTrigger draw_trigger(char letter, Random& random) {
  SimTrigger out{.letter = letter};
  out.name = static_cast<int>(random.below(kNamesMax + 1));
  switch (random.below(6)) {
    case 0:
    case 1:
      out.background = false;
      out.exhausted = SimTrigger::Exhausted::kFail;
      break;
    case 2:
      out.background = false;
      out.attempts = 1;
      break;
    case 3: out.attempts = 2; break;
    case 4: out.merges = false; break;
    default: break;
  }
  if (random.one_in(12)) out.exhausted = SimTrigger::Exhausted::kDiscard;
  out.interval = out.merges && random.one_in(8);
  out.enabled = !random.one_in(16);
  return out;
}

}  // namespace

std::string SimCatalog::describe() const {
  std::string out = fmt::format("orders{}{}{}, backfill {}", notes ? ", notes" : "",
                                sales ? ", sales" : "", excludes ? ", fields" : "", backfill);
  static constexpr const char* kExhausted[] = {"fails the task", "parks", "discards"};
  for (const SimTrigger& one : triggers) {
    out += fmt::format("; {} {} {}{}{}{}, words {}, attempts {}, {}", one.letter,
                       one.name == 0 ? "unnamed" : fmt::format("named {}", one.name),
                       one.background ? "background" : "inline", one.merges ? "" : " unmerged",
                       one.interval ? " interval" : "", one.enabled ? "" : " off", one.words,
                       one.attempts, kExhausted[static_cast<int>(one.exhausted)]);
  }
  return out;
}

SimCatalog draw_catalog(Random& random) {
  SimCatalog out;
  out.notes = random.one_in(3);
  out.sales = random.one_in(3);
  for (const char letter : {'a', 'b', 'c'}) {
    if (letter == 'a' || random.one_in(3)) out.triggers.push_back(draw_trigger(letter, random));
  }
  return out;
}

void edit_catalog(SimCatalog& catalog, Random& random, bool backfill) {
  if (backfill && catalog.backfill < kBackfillMax && random.one_in(4)) {
    ++catalog.backfill;
    return;
  }
  const auto one = catalog.triggers.empty() ? 0 : random.below(catalog.triggers.size());
  const std::uint64_t kind = catalog.triggers.empty() ? 0 : random.below(8);
  SimTrigger* trigger = catalog.triggers.empty() ? nullptr : &catalog.triggers[one];
  switch (kind) {
    case 0: {
      for (const char letter : {'a', 'b', 'c'}) {
        const auto same = [&](const SimTrigger& known) { return known.letter == letter; };
        if (std::any_of(catalog.triggers.begin(), catalog.triggers.end(), same)) continue;
        const auto at = random.below(catalog.triggers.size() + 1);
        catalog.triggers.insert(catalog.triggers.begin() + static_cast<std::ptrdiff_t>(at),
                                draw_trigger(letter, random));
        return;
      }
      return;
    }
    case 1:
    case 2:
      catalog.triggers.erase(catalog.triggers.begin() + static_cast<std::ptrdiff_t>(one));
      return;
    case 3: trigger->name = static_cast<int>(random.below(kNamesMax + 1)); return;
    case 4: trigger->words = static_cast<int>(random.below(3)); return;
    case 5: trigger->enabled = !trigger->enabled; return;
    case 6: {
      const SimTrigger drawn = draw_trigger(trigger->letter, random);
      const auto [name, words] = std::pair(trigger->name, trigger->words);
      *trigger = drawn;
      trigger->name = name;
      trigger->words = words;
      return;
    }
    default: catalog.excludes = !catalog.excludes; return;
  }
}

std::shared_ptr<const catalog::BuiltMaterialization> build(const SimCatalog& catalog,
                                                           Endpoint endpoint) {
  catalog::BuiltMaterialization out = *part(catalog_text(catalog, nullptr), endpoint);
  for (const SimTrigger& trigger : catalog.triggers) {
    const Part& one = part(catalog_text(SimCatalog{}, &trigger), endpoint);
    WEIR_CHECK(one->triggers.size() == 1);
    out.triggers.push_back(one->triggers.front());
  }
  return std::make_shared<const catalog::BuiltMaterialization>(std::move(out));
}

}  // namespace weir::testing
