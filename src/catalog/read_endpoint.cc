// Endpoints. Their settings may hold credentials, so everything below is confidential: messages
// name members and places only.
#include "catalog/read.h"

namespace weir::catalog {
namespace {

using protocol::EndpointKind;

constexpr std::string_view kKinds[] = {"sqlite",    "postgres", "local",
                                       "connector", "flowSink", "dekaf"};

// What SOPS encrypted is checked by the destination, once a session has opened it.
bool is_sealed(const Node& node) {
  const json::Value* stanza = node.tree().find("sops");
  return stanza != nullptr && stanza->is_object();
}

void read_sqlite(const Node& node, Materialization& out, ReadContext& context) {
  out.endpoint = EndpointKind::kSqlite;
  if (is_sealed(node)) return;
  ObjectReader object(node, "the sqlite endpoint", context.problems);
  const auto path = object.of_kind("path", json::Kind::kString);
  object.require({"path"});
  if (path && path->tree().as_string().empty()) {
    object.problem("E204", *path, "\"path\" is empty", "Write the path of the database file.");
  }
  object.boolean("hardDelete");
  object.finish();
}

void read_postgres(const Node& node, Materialization& out, ReadContext& context) {
  out.endpoint = EndpointKind::kPostgres;
  if (is_sealed(node)) return;
  ObjectReader object(node, "the postgres endpoint", context.problems);
  for (const std::string_view name : {"address", "user", "password", "database", "schema"})
    object.text(name);
  object.require({"address", "user"});
  object.boolean("hardDelete");
  object.ignore({"credentials", "advanced", "networkTunnel"});
  object.finish();
}

void read_local(const Node& node, Materialization& out, ReadContext& context) {
  ObjectReader object(node, "the local endpoint", context.problems);
  object.array("command");
  object.any("config");
  object.object("env");
  object.boolean("protobuf");
  object.require({"command", "config"});
  object.finish();
  out.endpoint = EndpointKind::kLocal;
}

void read_connector(const Node& node, Materialization& out, ReadContext& context) {
  ObjectReader object(node, "the connector endpoint", context.problems);
  object.text("image");
  object.any("config");
  object.require({"image", "config"});
  object.finish();
  out.endpoint = EndpointKind::kConnector;
}

void read_dekaf(const Node& node, ReadContext& context) {
  ObjectReader object(node, "the dekaf endpoint", context.problems);
  object.text("variant");
  object.any("config");
  object.finish();
}

}  // namespace

std::string read_endpoint(const Node& node, Materialization& out, ReadContext& context) {
  ObjectReader object(node, "the endpoint", context.problems);
  if (!object.is_object()) return "";
  out.endpoint_location = node.location();
  std::optional<Node> chosen;
  std::string_view kind;
  bool several = false;
  for (const std::string_view candidate : kKinds) {
    const auto member = object.any(candidate);
    if (!member) continue;
    several = several || chosen.has_value();
    if (chosen) {
      context.problems.add("E401", member->name_location(),
                           fmt::format("the endpoint has \"{}\" beside \"{}\"", candidate, kind),
                           "Keep one of them.");
    }
    chosen = member;
    kind = candidate;
  }
  const std::size_t errors = context.problems.errors();
  object.finish();
  if (!chosen) {
    if (context.problems.errors() == errors) {
      object.problem("E401", node, "the endpoint names no kind of destination");
    }
    return "";
  }
  if (several) return "";
  if (kind == "sqlite" || kind == "postgres") object.own({kind});
  chosen->make_confidential();
  const auto settings = follow_path(*chosen, context);
  if (!settings) return "";
  out.endpoint_location = chosen->name_location();
  out.config_json = settings->json();
  out.base_dir = settings->file().folder();
  if (kind == "sqlite") {
    read_sqlite(*settings, out, context);
    return "";
  }
  if (kind == "postgres") read_postgres(*settings, out, context);
  if (kind == "local") read_local(*settings, out, context);
  if (kind == "connector" || kind == "flowSink") read_connector(*settings, out, context);
  if (kind == "dekaf") read_dekaf(*settings, context);
  return std::string(kind);
}

}  // namespace weir::catalog
