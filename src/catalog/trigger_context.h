// What a trigger's template can see, as one JSON value. Validation renders templates with samples
// and the runtime with facts; both contexts are made here, so what validates is what renders.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "json/value.h"

namespace weir::catalog {

struct TriggerTable {
  std::string name;               // the last element of `path`
  std::vector<std::string> path;  // resource path
  std::string collection;
  std::uint64_t documents = 0;
  std::uint64_t stored = 0;
  std::optional<std::uint64_t> inserted, updated, deleted,
      unchanged;  // nullopt: not counted; null in the context
};

// Facts of one request. Texts are as they appear in the body; format_timestamp() and format_clock()
// make the times.
struct TriggerFacts {
  std::vector<std::string> collection_names;  // sorted, once each
  std::string connector_image;                // empty for built-in endpoints
  std::string materialization_name;
  std::string flow_published_at_min;  // RFC 3339, or empty where no document had a clock
  std::string flow_published_at_max;
  std::string run_id;
  std::vector<TriggerTable> tables;
  std::uint64_t after = 0;    // of the half-open range of transactions (after, through]
  std::uint64_t through = 0;  // `count` is through - after
  std::string started_at;
  std::string ended_at;
  std::string trigger;  // its name, or method and origin
  std::string request_id;
  std::string endpoint;  // "sqlite", "postgres", …
  std::string environment;
};

// The context. Texts of `facts` and the plaintext of secrets are pointed to, not copied: they must
// outlive the value.
json::Value make_context(const TriggerFacts& facts, const std::map<std::string, Secret>& headers,
                         const std::map<std::string, Secret>& secrets, json::Arena& arena);

enum class Sample {
  kOneTable,
  kTwoTables,
  kAwkward,  // empty clocks, counts not taken, and a quote, a backslash and a newline in every text
  kPlain,    // kAwkward without the awkward characters: tells what they alone break
};
// Facts for validating a template, and for `triggers render` where nothing is owed.
TriggerFacts sample_facts(Sample sample, std::string_view materialization,
                          std::string_view trigger);
// Placeholder values for the names a trigger uses itself.
std::map<std::string, Secret> sample_secrets(Sample sample,
                                             const std::map<std::string, Secret>& names);

}  // namespace weir::catalog
