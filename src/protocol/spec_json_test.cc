#include "protocol/spec_json.h"

#include <gtest/gtest.h>

namespace weir::protocol {
namespace {

Projection projection(std::string ptr, std::string field, std::vector<std::string> types) {
  Projection out;
  out.ptr = std::move(ptr);
  out.field = std::move(field);
  out.inference.types = std::move(types);
  return out;
}

MaterializationSpec full_spec() {
  MaterializationSpec spec;
  spec.name = "acme/db";
  spec.config_json = R"({"path":"out.db"})";
  Binding& binding = spec.bindings.emplace_back();
  binding.resource_config_json = R"({"table":"orders"})";
  binding.resource_path = {"orders"};
  binding.collection.name = "acme/orders";
  binding.collection.key = {"/id"};
  binding.collection.partition_fields = {"region"};
  Projection root = projection("", "flow_document", {"object"});
  root.inference.exists = Exists::kMust;
  Projection id = projection("/id", "id", {"number"});
  id.is_primary_key = true;
  id.inference.numeric = Inference::Numeric{.minimum = 0, .maximum = 99.5};
  Projection region = projection("/region", "region", {"null", "string"});
  region.is_explicit = true;
  region.is_partition_key = true;
  region.inference.string = Inference::String{};
  region.inference.string->format = "date-time";
  region.inference.string->max_length = 20;
  region.inference.title = "A \"title\"";
  region.inference.default_json = "\"x\"";
  region.inference.secret = true;
  region.inference.exists = Exists::kMay;
  Projection tags = projection("/tags", "tags", {"array"});
  tags.inference.array = Inference::Array{.min_items = 1, .max_items = 0, .item_types = {"string"}};
  binding.collection.projections = {root, id, region, tags};
  binding.collection.write_schema_json = R"({"type":"object"})";
  binding.field_selection = {.keys = {"id"},
                             .values = {"region"},
                             .document = "flow_document",
                             .field_config = {{"region", "{\"a\":1}"}}};
  binding.delta_updates = true;
  binding.priority = 3;
  binding.not_before = "2024-01-01T00:00:00Z";
  binding.backfill = 2;
  binding.state_key = "orders.v2";
  binding.journal_read_suffix = "materialize/acme/db/orders.v2";
  binding.partitions_include = {{"region", {"\"a b\"", "7", "true"}}};
  binding.partitions_exclude = {{"region", {"\"c\""}}};
  binding.ser_policy.array_truncate_after = 1000;
  spec.triggers_json = R"({"config":[]})";
  return spec;
}

TEST(SpecJson, WritesNamesOfTheProtocolAndLeavesDefaultsOut) {
  EXPECT_EQ(to_json(MaterializationSpec{}), R"({"connectorType":"SQLITE"})");
  CollectionSpec spec;
  spec.name = "acme/c";
  spec.key = {"/id"};
  spec.projections = {projection("/id", "id", {"integer"})};
  spec.projections[0].is_primary_key = true;
  spec.projections[0].inference.exists = Exists::kMust;
  spec.write_schema_json = "true";
  EXPECT_EQ(
      to_json(spec),
      R"({"name":"acme/c","key":["/id"],"uuidPtr":"/_meta/uuid","projections":[{"ptr":"/id",)"
      R"("field":"id","isPrimaryKey":true,"inference":{"types":["integer"],"exists":"MUST"}}],)"
      R"("writeSchema":true})");
}

TEST(SpecJson, WritesEveryMember) {
  EXPECT_EQ(
      to_json(full_spec()),
      R"({"name":"acme/db","connectorType":"SQLITE","config":{"path":"out.db"},"bindings":[{)"
      R"("resourceConfig":{"table":"orders"},"resourcePath":["orders"],"collection":{"name":"acme/orders",)"
      R"("key":["/id"],"uuidPtr":"/_meta/uuid","partitionFields":["region"],"projections":[)"
      R"({"field":"flow_document","inference":{"types":["object"],"exists":"MUST"}},)"
      R"({"ptr":"/id","field":"id","isPrimaryKey":true,"inference":{"types":["number"],)"
      R"("numeric":{"hasMinimum":true,"hasMaximum":true,"maximum":99.5}}},)"
      R"({"ptr":"/region","field":"region","explicit":true,"isPartitionKey":true,"inference":{)"
      R"("types":["null","string"],"string":{"format":"date-time","maxLength":20},"title":"A \"title\"",)"
      R"("default":"x","secret":true,"exists":"MAY"}},)"
      R"({"ptr":"/tags","field":"tags","inference":{"types":["array"],"array":{"minItems":1,)"
      R"("hasMaxItems":true,"itemTypes":["string"]}}}],"writeSchema":{"type":"object"}},)"
      R"("fieldSelection":{"keys":["id"],"values":["region"],"document":"flow_document",)"
      R"("fieldConfig":{"region":{"a":1}}},"deltaUpdates":true,"partitionSelector":{"include":{"labels":[)"
      R"({"name":"estuary.dev/collection","value":"acme/orders"},)"
      R"({"name":"estuary.dev/field/region","value":"a%20b"},{"name":"estuary.dev/field/region","value":"%_7"},)"
      R"({"name":"estuary.dev/field/region","value":"%_true"}]},"exclude":{"labels":[)"
      R"({"name":"estuary.dev/field/region","value":"c"}]}},)"
      R"("journalReadSuffix":"materialize/acme/db/orders.v2","priority":3,)"
      R"("notBefore":"2024-01-01T00:00:00Z","backfill":2,"stateKey":"orders.v2",)"
      R"("serPolicy":{"arrayTruncateAfter":1000}}],"triggers":{"config":[]}})");
}

TEST(SpecJson, ReadsWhatItWrites) {
  for (const EndpointKind kind : {EndpointKind::kSqlite, EndpointKind::kPostgres,
                                  EndpointKind::kLocal, EndpointKind::kConnector}) {
    MaterializationSpec spec = full_spec();
    spec.endpoint = kind;
    spec.inactive_bindings.push_back(spec.bindings[0]);
    const auto read = spec_from_json(to_json(spec));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(*read == spec) << to_json(*read);
  }
}

TEST(SpecJson, ReaderIsLenientAndNamesWhatItRefuses) {
  struct Case {
    std::string_view text;
    std::string_view problem;  // empty: reads
  };
  const Case cases[] = {
      {R"({})", ""},
      {R"({"name":"a","shardTemplate":{"id":"x"},"networkPorts":[1]})", ""},
      {R"({"bindings":[{"collection":{"projections":[{"inference":{"exists":2}}]}}]})", ""},
      {R"({"bindings":null})", ""},
      {R"({"name":1})", "specification: \"name\": a number, not a string"},
      {R"({"bindings":[{"backfill":4294967296}]})", "specification: \"backfill\": out of range"},
      {R"({"bindings":[{"collection":{"projections":[{"inference":{"exists":"SOMETIMES"}}]}}]})",
       "specification: \"exists\": none of the known values"},
      {R"([])", "a specification must be an object"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto read = spec_from_json(c.text);
    EXPECT_EQ(read ? "" : read.error().message, c.problem);
  }
}

}  // namespace
}  // namespace weir::protocol
