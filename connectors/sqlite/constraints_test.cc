#include "connectors/sqlite/constraints.h"

#include <gtest/gtest.h>

namespace weir::sqlite {
namespace {

protocol::Projection projection(std::string ptr, std::string field, std::vector<std::string> types,
                                bool key = false) {
  protocol::Projection out;
  out.ptr = std::move(ptr);
  out.field = std::move(field);
  out.inference.types = std::move(types);
  out.is_primary_key = key;
  return out;
}

protocol::ValidateBinding binding() {
  protocol::ValidateBinding out;
  out.collection.name = "acme/orders";
  out.collection.key = {"/id"};
  out.collection.projections = {
      projection("/Amount", "Amount", {"number"}), projection("", "flow_document", {"object"}),
      projection("/id", "id", {"integer"}, true), projection("/nothing", "nothing", {"null"}),
      projection("/tags", "tags", {"array"})};
  return out;
}

// "field:TYPE" of each, and the folded name where it differs.
std::string words(const std::vector<protocol::Constraint>& constraints) {
  constexpr std::string_view kTypes[] = {"invalid",     "required", "location required",
                                         "recommended", "optional", "forbidden",
                                         "incompatible"};
  std::string out;
  for (const auto& c : constraints) {
    out += fmt::format("{}{}{}: {}", out.empty() ? "" : ", ", c.field,
                       c.folded_field == c.field ? "" : "=" + c.folded_field,
                       kTypes[static_cast<int>(c.type)]);
  }
  return out;
}

ActualColumn stands(std::string name, std::string type, int key = 0) {
  return {.name = std::move(name),
          .type = std::move(type),
          .not_null = key > 0,
          .default_sql = {},
          .key_position = key,
          .generated = false};
}

TEST(SqliteConstraints, OfANewTable) {
  EXPECT_EQ(words(constraints_of(binding(), {.table = "t"}, {})),
            "Amount=amount: recommended, flow_document: location required, id: required, "
            "nothing: forbidden, tags: optional");
  EXPECT_EQ(words(constraints_of(binding(), {.table = "t", .delta_updates = true}, {})),
            "Amount=amount: recommended, flow_document: optional, id: recommended, "
            "nothing: forbidden, tags: optional");
}

TEST(SqliteConstraints, GroupByTakesThePlaceOfTheKey) {
  protocol::ValidateBinding b = binding();
  b.group_by = {"Amount"};
  EXPECT_EQ(words(constraints_of(b, {.table = "t"}, {})),
            "Amount=amount: required, flow_document: location required, id: recommended, "
            "nothing: forbidden, tags: optional");
}

TEST(SqliteConstraints, InViewOfAStandingTable) {
  Standing standing;
  standing.table =
      ActualTable{.name = "t",
                  .sql = {},
                  .view = false,
                  .columns = {stands("ID", "INTEGER", 1), stands("amount", "TEXT"),
                              stands("flow_document", "TEXT"), stands("tags", "INTEGER")}};
  standing.record = TableRecord{
      .table = "t",
      .materialization = "m",
      .state_key = "t",
      .backfill = 3,
      .spec_digest = {},
      .columns = {
          {.name = "id", .kind = ColumnKind::kInteger, .role = ColumnRole::kKey},
          {.name = "amount", .kind = ColumnKind::kText, .role = ColumnRole::kValue},
          {.name = "tags", .kind = ColumnKind::kInteger, .role = ColumnRole::kValue},
          {.name = "flow_document", .kind = ColumnKind::kJson, .role = ColumnRole::kDocument}}};
  protocol::ValidateBinding b = binding();
  b.backfill = 3;
  const auto constraints = constraints_of(b, {.table = "t"}, standing);
  EXPECT_EQ(words(constraints),
            "Amount=amount: incompatible, flow_document: required, id: required, "
            "nothing: forbidden, tags: optional");
  EXPECT_EQ(
      constraints[0].reason,
      "its column is text, which cannot become real; write `backfill: 4` in the binding to fill "
      "the table anew");

  b.backfill = 4;
  EXPECT_EQ(words(constraints_of(b, {.table = "t"}, standing)),
            "Amount=amount: recommended, flow_document: location required, id: required, "
            "nothing: forbidden, tags: optional");

  b.backfill = 3;
  b.group_by = {"Amount"};
  EXPECT_EQ(words(constraints_of(b, {.table = "t"}, standing)).substr(0, 28),
            "Amount=amount: incompatible,");
  EXPECT_EQ(words(constraints_of(binding(), {.table = "t", .delta_updates = true}, standing)),
            "Amount=amount: incompatible, flow_document: optional, id: incompatible, "
            "nothing: forbidden, tags: optional");
}

}  // namespace
}  // namespace weir::sqlite
