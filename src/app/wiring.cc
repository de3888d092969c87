#include "app/wiring.h"

#include <cstdlib>

#include "app/folders.h"
#include "app/version.h"
#include "base/check.h"
#include "base/secret_text.h"
#include "connector/sealed_config.h"
#include "connector/store_behind.h"
#include "connectors/sqlite/destination.h"
#include "io/file.h"
#include "journal/file_journal.h"
#include "journal/plain_journal.h"
#include "json/events.h"
#include "json/secret_arena.h"
#include "json/write_secret.h"
#include "store/rocksdb_store.h"

namespace weir::app {
namespace {

// The member of an endpoint's config that is a path of this machine; empty: none is.
std::string_view path_member(protocol::EndpointKind kind) {
  switch (kind) {
    case protocol::EndpointKind::kSqlite: return "path";
    case protocol::EndpointKind::kPostgres:
    case protocol::EndpointKind::kLocal:
    case protocol::EndpointKind::kConnector: return {};
  }
  return {};
}

// SQLite's words for what is no file; the destination refuses them, so they must stay recognisable.
bool names_a_file(std::string_view path) {
  return !path.empty() && path != ":memory:" && !path.starts_with("file:");
}

// The config with one member's path made absolute; as it is where that is not possible.
Secret with_absolute_path(const Secret& config_json, std::string_view member,
                          const std::string& base_dir) {
  json::SecretArena arena;
  const auto root = arena.parse(config_json.reveal());
  if (!root || !root->is_object()) return config_json;
  SecretText out(config_json.reveal().size() + 256);
  for (const json::Member& each : root->members()) {
    out.append(out.empty() ? '{' : ',');
    out.append_quoted(each.name);
    out.append(':');
    if (each.name == member && each.value.is_string() && names_a_file(each.value.as_string())) {
      const auto absolute = absolute_path(join_path(base_dir, each.value.as_string()));
      if (!absolute) return config_json;
      out.append_quoted(*absolute);
    } else {
      json::append(each.value, out);
    }
  }
  out.append(out.empty() ? "{}" : "}");
  return out.take();
}

// What can be checked of a config without opening what is encrypted; where its paths lead is then
// not known.
std::string shape_of(const std::string& config_json) {
  if (!connector::is_sealed(config_json)) return config_json;
  const Secret shape(connector::without_seal(config_json));
  return std::string(
      with_absolute_path(shape, path_member(protocol::EndpointKind::kSqlite), "/").reveal());
}

class Spill : public document::SpillFile {
 public:
  explicit Spill(std::string folder) : folder_(std::move(folder)) {}
  Status append(std::string_view bytes) override {
    if (file_ == nullptr) {
      WEIR_TRY(file_, io::TempFile::create(folder_));
    }
    return file_->append(bytes);
  }
  Status read(std::uint64_t offset, std::span<char> out) override {
    WEIR_CHECK(file_ != nullptr);
    return file_->read(offset, out);
  }
  Status reset() override { return file_ == nullptr ? Status() : file_->reset(); }

 private:
  const std::string folder_;
  std::unique_ptr<io::TempFile> file_;
};

}  // namespace

catalog::ConstraintsOf constraints_of_destinations() {
  return [](const std::string& config_json, std::span<const protocol::ValidateBinding> bindings) {
    return sqlite::make_destination(system_clock())->validate(shape_of(config_json), bindings);
  };
}

Secret with_absolute_paths(protocol::EndpointKind kind, const Secret& config_json,
                           const std::string& base_dir) {
  const std::string_view member = path_member(kind);
  return member.empty() ? config_json : with_absolute_path(config_json, member, base_dir);
}

void make_paths_absolute(catalog::Catalog& catalog) {
  for (auto& [name, collection] : catalog.collections) {
    if (!collection.files) continue;
    if (auto folder = absolute_path(collection.files->folder))
      collection.files->folder = *std::move(folder);
  }
  for (auto& [name, materialization] : catalog.materializations) {
    // What is encrypted would no longer open.
    if (!materialization.endpoint || connector::is_sealed(materialization.config_json)) continue;
    const Secret config(materialization.config_json);
    materialization.config_json =
        with_absolute_paths(*materialization.endpoint, config, materialization.base_dir).reveal();
  }
}

Result<std::unique_ptr<connector::Destination>> make_destination(
    const protocol::MaterializationSpec& spec) {
  switch (spec.endpoint) {
    case protocol::EndpointKind::kSqlite:
      return connector::make_store_behind(sqlite::make_destination(system_clock()));
    case protocol::EndpointKind::kPostgres:
    case protocol::EndpointKind::kLocal:
    case protocol::EndpointKind::kConnector: break;
  }
  return error(Code::kInvalid, "materialization {}: this build runs sqlite endpoints only",
               spec.name);
}

std::unique_ptr<journal::Journals> make_journals(
    const std::string& root, const std::map<std::string, catalog::FileSource>& files,
    bool skip_gaps) {
  auto journals = journal::make_file_journals(
      {.root = root, .clock = &system_clock(), .skip_gaps = skip_gaps, .read_ahead = true});
  if (files.empty()) return journals;
  journal::PlainJournalOptions options;
  for (const auto& [collection, source] : files)
    options.collections[collection] = {source.folder, source.patterns};
  options.clock = &system_clock();
  options.read_ahead = true;
  return journal::make_plain_journals(std::move(options), std::move(journals));
}

Result<std::unique_ptr<store::Store>> open_store(const std::string& folder) {
  return store::open_rocksdb(folder);
}

std::unique_ptr<document::SpillFile> make_spill_file(const std::string& folder) {
  return std::make_unique<Spill>(folder);
}

Result<std::unique_ptr<io::HttpClient>> make_http_client(const Network& network) {
  io::CurlOptions options;
  options.egress = network.egress;
  options.proxy_trusted = network.proxy_trusted;
  options.user_agent = fmt::format("weir/{}", version());
  return io::make_curl_client(options);
}

trigger::Surroundings surroundings() {
  trigger::Surroundings found;
  found.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  found.file = [](const std::string& path) {
    return io::read_file(path, trigger::kSecretFileBytesMax);
  };
  return found;
}

}  // namespace weir::app
