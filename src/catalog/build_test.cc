#include "catalog/build.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "catalog/select.h"
#include "catalog/test_catalog.h"
#include "catalog/validate.h"
#include "json/events.h"
#include "protocol/spec_json.h"

namespace weir::catalog {
namespace {

using protocol::ConstraintType;

constexpr std::string_view kFlow = R"(
collections:
  acmeCo/orders:
    schema:
      type: object
      properties:
        id: { type: integer }
        when: { type: string, format: date-time }
        note: { type: [string, "null"], maxLength: 100 }
        customer:
          type: object
          properties: { name: { type: string }, address: { type: object, properties: { city: { type: string } } } }
        bag: { type: object }
        tags: { type: array, items: { type: string } }
        _meta: { type: object, properties: { op: { enum: [c, u, d] }, file: { type: string } } }
      required: [id]
    key: [/id]
    projections: { city: /customer/address/city }
materializations:
  acmeCo/db:
    endpoint: { sqlite: { path: out.db } }
    bindings:
      - source: acmeCo/orders
        resource: { table: Orders }
        FIELDS
)";

std::string flow_with(std::string_view fields) {
  std::string flow(kFlow);
  flow.replace(flow.find("FIELDS"), 6, fields);
  return flow;
}

protocol::MaterializationSpec build_one(
    const std::string& flow, const ConstraintsOf& constraints = permissive_constraints()) {
  const Loaded loaded = load_text(flow);
  EXPECT_TRUE(loaded.ok()) << format_report(loaded.problems);
  Built built = build(loaded.catalog, constraints);
  EXPECT_EQ(brief(built.problems), "");
  if (built.materializations.size() != 1) return {};
  return built.materializations[0].spec;
}

std::string text_of(const protocol::FieldSelection& selection) {
  std::string out;
  for (const std::string& key : selection.keys) out += key + " ";
  out += "|";
  for (const std::string& value : selection.values) out += " " + value;
  return out + " | " + selection.document;
}

TEST(Build, SelectsFieldsByDepthAndWish) {
  struct Case {
    std::string_view fields, expected;
  };
  constexpr Case cases[] = {
      {"", "id | _meta/op city customer/name flow_published_at note tags when | flow_document"},
      {"fields: { recommended: true }",
       "id | _meta/op city customer/name flow_published_at note tags when | flow_document"},
      {"fields: { recommended: false }", "id | | flow_document"},
      {"fields: { recommended: 0, require: { note: {} } }", "id | note | flow_document"},
      {"fields: { recommended: 1 }",
       "id | _meta/op bag city customer flow_published_at note tags when | flow_document"},
      {"fields: { recommended: 2 }",
       "id | _meta/op bag city customer/address customer/name flow_published_at note tags when | "
       "flow_document"},
      {"fields: { recommended: 3 }",
       "id | _meta/op bag city customer/name flow_published_at note tags when | flow_document"},
      {"fields: { exclude: [note, tags, city, flow_published_at] }",
       "id | _meta/op customer/address/city customer/name when | flow_document"},
      {"fields: { recommended: 2, exclude: [customer] }",
       "id | _meta/op bag city flow_published_at note tags when | flow_document"},
      {"fields: { require: { customer: {}, _meta/file: {} } }",
       "id | _meta/file _meta/op city customer flow_published_at note tags when | flow_document"},
      {"fields: { groupBy: [when, id], recommended: 0 }", "when id | | flow_document"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.fields);
    const protocol::MaterializationSpec spec = build_one(flow_with(c.fields));
    ASSERT_EQ(spec.bindings.size(), 1u);
    EXPECT_EQ(text_of(spec.bindings[0].field_selection), c.expected);
  }
}

// A destination that says the given of fields and is content with all others.
ConstraintsOf constraints_with(std::vector<protocol::Constraint> own,
                               bool case_insensitive = false) {
  return [own, case_insensitive](const std::string& config,
                                 std::span<const protocol::ValidateBinding> bindings)
             -> Result<std::vector<protocol::ValidatedBinding>> {
    auto answers = permissive_constraints()(config, bindings);
    for (protocol::ValidatedBinding& answer : *answers) {
      answer.case_insensitive_fields = case_insensitive;
      for (const protocol::Constraint& constraint : own) {
        std::erase_if(answer.constraints,
                      [&](const auto& c) { return c.field == constraint.field; });
        answer.constraints.push_back(constraint);
      }
    }
    return answers;
  };
}

protocol::Constraint constraint(std::string field, ConstraintType type, std::string reason = "",
                                std::string folded = "") {
  return {std::move(field), type, std::move(reason), std::move(folded)};
}

TEST(Build, ConstraintsOfTheDestinationCount) {
  const auto fields_of = [](std::vector<protocol::Constraint> own, bool folded = false) {
    const auto spec =
        build_one(flow_with("fields: { recommended: 1, exclude: [tags, bag, customer, _meta/op] }"),
                  constraints_with(std::move(own), folded));
    return spec.bindings.empty() ? "" : text_of(spec.bindings[0].field_selection);
  };
  EXPECT_EQ(fields_of({}), "id | city flow_published_at note when | flow_document");
  EXPECT_EQ(fields_of({constraint("note", ConstraintType::kFieldForbidden)}),
            "id | city flow_published_at when | flow_document");
  EXPECT_EQ(fields_of({constraint("_meta/file", ConstraintType::kFieldRequired)}),
            "id | _meta/file city flow_published_at note when | flow_document");
  // The explicit projection of a required location serves for it.
  EXPECT_EQ(fields_of({constraint("customer/address/city", ConstraintType::kLocationRequired)}),
            "id | city flow_published_at note when | flow_document");
  // Two fields that would be one column: the stronger one stays.
  EXPECT_EQ(fields_of({constraint("when", ConstraintType::kFieldOptional, "", "CITY")}, true),
            "id | city flow_published_at note | flow_document");
}

std::string problems_of(std::string_view fields, std::vector<protocol::Constraint> own) {
  const Loaded loaded = load_text(flow_with(fields));
  EXPECT_TRUE(loaded.ok()) << format_report(loaded.problems);
  const Built built = build(loaded.catalog, constraints_with(std::move(own)));
  EXPECT_EQ(built.materializations.empty(), !built.problems.empty());
  return brief(built.problems);
}

TEST(Build, ConflictsAreProblems) {
  EXPECT_EQ(problems_of("fields: { require: { note: {} } }",
                        {constraint("note", ConstraintType::kFieldForbidden, "too long")}),
            "E407 25:30 /materializations/acmeCo~1db/bindings/0/fields/require/note field \"note\" "
            "of table "
            "\"Orders\" is in conflict: \"fields\" requires it, but the destination forbids it "
            "(too long)\n");
  EXPECT_EQ(
      problems_of("fields: { exclude: [note] }",
                  {constraint("note", ConstraintType::kFieldRequired, "I need it")}),
      "E407 25:29 /materializations/acmeCo~1db/bindings/0/fields/exclude/0 field \"note\" of table "
      "\"Orders\" is in conflict: the destination requires it (I need it), but \"fields\" excludes "
      "it\n");
  EXPECT_EQ(
      problems_of("", {constraint("id", ConstraintType::kIncompatible, "the column is TEXT")}),
      "E407 23:9 /materializations/acmeCo~1db/bindings/0 field \"id\" of table \"Orders\" is in "
      "conflict: it "
      "is part of the key, but the table cannot take it as it is (the column is TEXT)\n");
}

TEST(Build, WhatTheDestinationRefusesIsReported) {
  const Loaded loaded = load_text(flow_with(""));
  const auto refusing = [](const std::string&, std::span<const protocol::ValidateBinding>)
      -> Result<std::vector<protocol::ValidatedBinding>> {
    return error(Code::kInvalid, "no room for it");
  };
  EXPECT_EQ(brief(build(loaded.catalog, refusing).problems),
            "E408 21:17 /materializations/acmeCo~1db/endpoint/sqlite no room for it\n");
  EXPECT_TRUE(build(loaded.catalog, refusing).unasked.empty());
  const auto short_answer = [](const std::string&, std::span<const protocol::ValidateBinding>)
      -> Result<std::vector<protocol::ValidatedBinding>> {
    return std::vector<protocol::ValidatedBinding>{};
  };
  EXPECT_EQ(brief(build(loaded.catalog, short_answer).problems),
            "E408 21:17 /materializations/acmeCo~1db/endpoint/sqlite the destination spoke of 0 "
            "bindings, not of 1\n");
}

TEST(Build, WhoGivesNoAnswerIsToldFromWhoRefuses) {
  const Loaded loaded = load_text(flow_with(""));
  for (const Code code : {Code::kUnavailable, Code::kFull, Code::kUnknown}) {
    const Built built = build(loaded.catalog,
                              [&](const std::string&, std::span<const protocol::ValidateBinding>)
                                  -> Result<std::vector<protocol::ValidatedBinding>> {
                                return error(code, "it is locked");
                              });
    EXPECT_EQ(brief(built.problems),
              "E412 21:17 /materializations/acmeCo~1db/endpoint/sqlite it is locked\n");
    EXPECT_TRUE(built.materializations.empty());
    EXPECT_EQ(built.unasked, (std::map<std::string, std::string>{{"acmeCo/db", "it is locked"}}));
  }
}

TEST(Build, AsksWithEverythingADestinationNeeds) {
  const Loaded loaded =
      load_text(flow_with("backfill: 4\n        fields: { require: { note: { a: 1 } } }"));
  std::vector<protocol::ValidateBinding> asked;
  std::string config_json;
  build(loaded.catalog,
        [&](const std::string& config, std::span<const protocol::ValidateBinding> bindings) {
          config_json = config;
          asked.assign(bindings.begin(), bindings.end());
          return permissive_constraints()(config, bindings);
        });
  EXPECT_EQ(config_json, R"({"path":"out.db"})");
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].resource_config_json, R"({"table":"Orders"})");
  EXPECT_EQ(asked[0].backfill, 4u);
  EXPECT_EQ(asked[0].group_by, std::vector<std::string>{"id"});
  EXPECT_EQ(asked[0].field_config.at("note"), R"({"a":1})");
  EXPECT_NE(asked[0].collection.find_projection("customer/name"), nullptr);
}

TEST(Build, LeavesOutWhatDoesNotRun) {
  const std::string flow = flow_with("disable: true") + R"(
  disabled: { endpoint: { sqlite: { path: x } }, bindings: [], shards: { disable: true } }
  deleted: { endpoint: { sqlite: { path: x } }, bindings: [], delete: true }
  broken: { endpoint: { sqlite: { path: x } }, bindings: [{ source: none, resource: { table: t } }] }
  elsewhere: { endpoint: { local: { command: [x], config: {} } }, bindings: [] }
)";
  const Built built = build(load_text(flow).catalog, permissive_constraints());
  ASSERT_EQ(built.materializations.size(), 1u);
  EXPECT_EQ(built.materializations[0].spec.name, "acmeCo/db");
  EXPECT_TRUE(built.materializations[0].spec.bindings.empty());
}

TEST(Build, KeyFieldGivesWayToAProjectionWhereItIsExcluded) {
  std::string flow = flow_with("fields: { recommended: 0, exclude: [id] }");
  flow.replace(flow.find("city: /customer/address/city"), 28, "ID: /id");
  EXPECT_EQ(text_of(build_one(flow).bindings[0].field_selection), "ID | | flow_document");
}

TEST(Build, StateKeysAndSuffixes) {
  const auto spec = build_one(flow_with("backfill: 2\n        priority: 5"));
  EXPECT_EQ(spec.bindings[0].state_key, "Orders.v2");
  EXPECT_EQ(spec.bindings[0].journal_read_suffix, "materialize/acmeCo/db/Orders.v2");
  EXPECT_EQ(spec.bindings[0].priority, 5u);
}

class DiskFiles : public FileReader {
 public:
  Result<std::string> read(const std::string& path) override {
    std::ifstream in("tests/golden/catalog/" + path, std::ios::binary);
    if (!in) return error(Code::kNotFound, "no such file");
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
};

// The specification of the good catalog, as `weir build` prints it: one golden file for the whole
// shape.
TEST(Build, GoodCatalogBuildsTheGoldenSpecification) {
  DiskFiles files;
  const Loaded loaded = load({"good.yaml"}, test_options(files));
  const Built built = build(loaded.catalog, permissive_constraints());
  ASSERT_EQ(built.materializations.size(), 1u) << format_report(loaded.problems);
  const std::string json = protocol::to_json(built.materializations[0].spec);
  const auto tree = json::parse_tree(json);
  ASSERT_TRUE(tree) << json;
  const std::string pretty = json::to_pretty_text(tree->root);
  const std::string path = "tests/golden/catalog/built/good.json";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << pretty;
    FAIL() << "rewrote " << path << "; run again without UPDATE_GOLDEN";
  }
  std::ifstream in(path, std::ios::binary);
  EXPECT_EQ(pretty, std::string(std::istreambuf_iterator<char>(in), {}));
  EXPECT_TRUE(*protocol::spec_from_json(json) == built.materializations[0].spec);
}

}  // namespace
}  // namespace weir::catalog
