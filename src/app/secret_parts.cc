#include "app/secret_parts.h"

#include <set>

#include "app/catalog_access.h"
#include "app/folders.h"
#include "catalog/trigger_schema.h"
#include "io/file.h"
#include "io/secret_file.h"
#include "json/host/yaml.h"

namespace weir::app {
namespace {

// Of the endpoints that are built in: which of their settings are secret.
constexpr std::string_view kSqliteSchema = R"({"type": "object"})";
constexpr std::string_view kPostgresSchema = R"({"type": "object", "properties": {
  "password": {"secret": true},
  "credentials": {"type": "object", "properties": {
    "password": {"secret": true},
    "aws_secret_access_key": {"secret": true}}},
  "networkTunnel": {"type": "object", "properties": {
    "sshForwarding": {"type": "object", "properties": {"privateKey": {"secret": true}}}}}}})";

std::string schema_of(std::string_view kind, const std::string& connector_schema) {
  if (kind == "sqlite") return std::string(kSqliteSchema);
  if (kind == "postgres") return std::string(kPostgresSchema);
  return connector_schema;
}

class Collector {
 public:
  Collector(std::string connector_schema, bool follow)
      : connector_schema_(std::move(connector_schema)), follow_(follow) {}

  void parts_of(const std::string& path, const secrets::TextDocument& document,
                std::vector<SecretPart>* out) {
    for (const json::Value& root : document.roots()) {
      const json::Value* materializations = root.find("materializations");
      if (materializations == nullptr || !materializations->is_object()) continue;
      for (const json::Member& each : materializations->members()) {
        if (const json::Value* endpoint = each.value.find("endpoint");
            endpoint != nullptr && endpoint->is_object()) {
          endpoint_part(path, each.name, *endpoint, out);
        }
        const json::Value* triggers = each.value.find("triggers");
        if (triggers == nullptr || !triggers->is_object()) continue;
        out->push_back({fmt::format("triggers of {}", each.name), secrets::PartKind::kTriggers,
                        triggers, std::string(catalog::trigger_schema()),
                        secrets::is_sealed(*triggers)});
      }
    }
  }
  // Files that hold a config by themselves, with their place and schema.
  struct Own {
    std::string path, place, schema;
  };
  const std::vector<Own>& own_files() const { return own_; }

 private:
  void endpoint_part(const std::string& path, std::string_view materialization,
                     const json::Value& endpoint, std::vector<SecretPart>* out) {
    for (const json::Member& kind : endpoint.members()) {
      const std::string place = fmt::format("endpoint.{} of {}", kind.name, materialization);
      const bool inner = kind.name == "connector" || kind.name == "local" ||
                         kind.name == "flowSink" || kind.name == "dekaf";
      const json::Value* config = inner ? kind.value.find("config") : &kind.value;
      const std::string schema = schema_of(kind.name, connector_schema_);
      if (config == nullptr) continue;
      if (config->is_string() && follow_) {
        own_.push_back({join_path(io::folder_of(path), config->as_string()), place, schema});
      }
      if (!config->is_object()) continue;
      out->push_back(
          {place, secrets::PartKind::kConfig, config, schema, secrets::is_sealed(*config)});
    }
  }

  const std::string connector_schema_;
  const bool follow_;
  std::vector<Own> own_;
};

}  // namespace

Result<std::unique_ptr<secrets::TextDocument>> parse_document(const std::string& path,
                                                              Secret text) {
  return secrets::TextDocument::parse(
      path, std::move(text), secrets::format_of(path),
      [](std::string_view yaml, json::Arena& arena) { return json::parse_yaml(yaml, arena); });
}

Result<std::unique_ptr<secrets::TextDocument>> read_document(const std::string& path) {
  WEIR_TRY(Secret text, io::read_secret_file(path, kSecretFileMax));
  return parse_document(path, std::move(text));
}

Result<std::vector<SecretFile>> find_secret_files(const std::vector<std::string>& flow,
                                                  const std::string& connector_schema) {
  const catalog::Loaded loaded = load_catalog(flow);
  std::vector<std::string> paths = loaded.catalog.files;
  if (paths.empty()) paths = flow;
  Collector collector(connector_schema, true);
  std::vector<SecretFile> out;
  for (const std::string& path : paths) {
    SecretFile file{path, nullptr, {}};
    WEIR_TRY(file.document, read_document(path));
    collector.parts_of(path, *file.document, &file.parts);
    if (!file.parts.empty()) out.push_back(std::move(file));
  }
  std::set<std::string> seen;
  for (const Collector::Own& own : collector.own_files()) {
    if (!seen.insert(own.path).second) continue;
    SecretFile file{own.path, nullptr, {}};
    WEIR_TRY(file.document, read_document(own.path));
    const json::Value& root = file.document->roots().front();
    if (!root.is_object())
      return error(Code::kInvalid, "{}: the config must be an object", own.path);
    file.parts.push_back(
        {own.place, secrets::PartKind::kConfig, &root, own.schema, secrets::is_sealed(root), true});
    out.push_back(std::move(file));
  }
  return out;
}

Result<SecretFile> secret_file_of(const std::string& path, Secret text) {
  SecretFile file{path, nullptr, {}};
  WEIR_TRY(file.document, parse_document(path, std::move(text)));
  Collector({}, false).parts_of(path, *file.document, &file.parts);
  return file;
}

Status replace_file(const std::string& path, const Secret& text) {
  return io::replace_file_atomically(path, text.reveal());
}

}  // namespace weir::app
