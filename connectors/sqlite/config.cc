#include "connectors/sqlite/config.h"

#include "connector/config.h"
#include "connectors/sqlite/names.h"

namespace weir::sqlite {

using connector::ConfigReader;

Result<EndpointConfig> parse_endpoint(std::string_view config_json) {
  WEIR_TRY(ConfigReader reader, ConfigReader::parse("endpoint.sqlite", config_json));
  EndpointConfig config;
  WEIR_TRY(config.path, reader.required_text("path"));
  WEIR_TRY(config.hard_delete, reader.flag("hardDelete", false));
  WEIR_RETURN_IF_ERROR(reader.done());
  if (config.path.front() != '/' || config.path.find('\0') != std::string::npos) {
    return error(Code::kInvalid,
                 "endpoint.sqlite.path: must be the path of a file; a database in memory could not "
                 "keep what was committed");
  }
  return config;
}

Result<Resource> parse_resource(std::string_view config_json) {
  WEIR_TRY(ConfigReader reader, ConfigReader::parse("resource", config_json));
  Resource resource;
  WEIR_TRY(resource.table, reader.required_text("table"));
  WEIR_TRY(resource.delta_updates, reader.flag("delta_updates", false));
  WEIR_RETURN_IF_ERROR(reader.done());
  const std::string name = folded(resource.table);
  if (name.find('\0') != std::string::npos) {
    return error(Code::kInvalid, "resource.table: holds a NUL character");
  }
  if (name.starts_with("sqlite_") || name.starts_with("weir_") || name == "flow_checkpoints_v1") {
    return error(Code::kInvalid,
                 "resource.table: the name \"{}\" is kept for bookkeeping; choose another",
                 resource.table);
  }
  return resource;
}

std::string_view endpoint_schema_json() {
  return R"({"$schema":"http://json-schema.org/draft-07/schema#","title":"SQLite endpoint",)"
         R"("type":"object","required":["path"],"additionalProperties":false,"properties":{)"
         R"("path":{"type":"string","title":"Path","description":"The database file; made if it )"
         R"(does not exist. Relative to the catalog file that says it.","order":0},)"
         R"("hardDelete":{"type":"boolean","title":"Hard delete","description":"Remove the rows )"
         R"(of deleted documents instead of keeping them with the deletion noted.",)"
         R"("default":false,"order":1}}})";
}

std::string_view resource_schema_json() {
  return R"({"$schema":"http://json-schema.org/draft-07/schema#","title":"SQLite table",)"
         R"("type":"object","required":["table"],"additionalProperties":false,"properties":{)"
         R"("table":{"type":"string","title":"Table","description":"Name of the table.",)"
         R"("x-collection-name":true},)"
         R"("delta_updates":{"type":"boolean","title":"Delta updates","description":"Append each )"
         R"(change as a row instead of keeping one row per key.","default":false,)"
         R"("x-delta-updates":true}}})";
}

}  // namespace weir::sqlite
