// What the user wrote, as values: the published catalog model and weir's own options. Loading is
// catalog/load.h, checking catalog/validate.h, building the runtime's specification
// catalog/build.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "json/value.h"
#include "protocol/spec.h"

namespace weir::catalog {

// Where something stands in the catalog: for messages.
struct Location {
  std::string file;
  json::Place place;
  std::string pointer;  // JSON pointer inside the file
};

enum class Severity { kError, kWarning };

struct Problem {
  Severity severity = Severity::kError;
  std::string code;  // E… or W…
  Location location;
  std::string message;  // what is wrong; keys and places, never a value of triggers or of an
                        // endpoint's config
  std::string remedy;   // what to do
};
// Lines that begin with place, severity and message, each with its end:
//   flow.yaml:14:9: error: MESSAGE [E403]
//       at /materializations/m/bindings/0/source
//       REMEDY
std::string format_problem(const Problem& problem);

// What all triggers of a materialization may owe rides in every checkpoint.
inline constexpr std::size_t kTriggersTimesBindingsMax = 4096;

enum class Method { kPost, kPut, kPatch };
std::string_view name_of(Method method);

enum class DeliveryMode { kInline, kBackground };
enum class OnExhausted { kFailTask, kPark, kDiscard };

// One trigger. Texts in secret places and the URL may hold ${env:NAME} and ${file:PATH}; they are
// expanded by trigger/expand.h, never here.
struct Trigger {
  std::string name;  // empty: known by method and URL
  Method method = Method::kPost;
  Secret url;
  std::map<std::string, Secret> headers;
  std::string payload_template;
  std::chrono::milliseconds timeout{30'000};
  std::uint32_t max_attempts = 3;  // as written; 0 behaves as 1
  bool max_attempts_written =
      false;  // background deliveries have no limit of attempts unless one is written
  bool enabled = true;
  DeliveryMode delivery = DeliveryMode::kInline;
  OnExhausted on_exhausted = OnExhausted::kFailTask;  // defaults by delivery
  std::optional<std::chrono::milliseconds> interval;  // its own, else that of the block
  bool merge_pending = true;
  std::map<std::string, Secret> secrets;
  std::string base_dir;  // folder of the file that says it: for ${file:}
  Location location;
};

struct ShardTemplate {
  bool disable = false;
  std::chrono::milliseconds min_txn_duration{0};
  std::chrono::milliseconds max_txn_duration{300'000};
  std::string log_level;
};

// Where the documents of a collection lie that says `files`: patterns as they are written, relative
// to `folder`, that of the file which says them.
struct FileSource {
  std::string folder;
  std::vector<std::string> patterns;
  friend bool operator==(const FileSource&, const FileSource&) = default;
};

// A materialization ready to run.
struct BuiltMaterialization {
  protocol::MaterializationSpec spec;
  std::vector<Trigger> triggers;
  std::map<std::string, FileSource> files;  // of those of its collections that are read from files
  // The `triggers` block as JSON where SOPS encrypted it; empty: it is in clear. Headers and
  // secrets of its triggers have their names, but are empty until a session opens them.
  std::string sealed_triggers;
  ShardTemplate shards;
  Location location;
  std::string base_dir;  // paths of the endpoint's config are relative to it
};

}  // namespace weir::catalog
