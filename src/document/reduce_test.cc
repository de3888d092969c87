#include "document/reduce.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "document/test_support.h"

namespace weir::document {
namespace {

struct Case {
  std::string_view left, right, full;
  std::string_view associative = {};  // empty: as full
};

void check(std::string_view schema, std::initializer_list<Case> cases) {
  const TextReducer reducer(schema);
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.left) + " <- " + std::string(c.right));
    EXPECT_EQ(reducer.full(c.left, c.right), c.full);
    EXPECT_EQ(reducer.associative(c.left, c.right), c.associative.empty() ? c.full : c.associative);
  }
}

TEST(Reduce, DefaultTakesTheLater) {
  check("true",
        {{"1", "2", "2"}, {R"({"a":1})", R"({"b":2})", R"({"b":2})"}, {"[1]", "null", "null"}});
}

TEST(Reduce, FirstWriteWins) {
  check(R"({"reduce":{"strategy":"firstWriteWins"}})",
        {{"1", "2", "1"}, {"null", "2", "null"}, {R"({"a":1})", "[]", R"({"a":1})"}});
}

TEST(Reduce, LastWriteWinsThatIsNotAssociative) {
  check(R"({"reduce":{"strategy":"lastWriteWins","associative":false}})",
        {{"1", "2", "2", "apart"},
         {"1", "1.0", "1.0"},
         {R"({"a":1,"b":2})", R"({"b":2,"a":1})", R"({"b":2,"a":1})"}});
  check(R"({"reduce":{"strategy":"merge"},"properties":{
            "x":{"reduce":{"strategy":"lastWriteWins","associative":false}}}})",
        {{R"({"x":1})", R"({"x":2})", R"({"x":2})", "apart"},
         {R"({"x":1})", R"({"y":2})", R"({"x":1,"y":2})"},
         {R"({"y":1})", R"({"x":2})", R"({"y":1,"x":2})"}});
}

TEST(Reduce, Append) {
  check(R"({"reduce":{"strategy":"append"}})",
        {{"[1,2]", "[2,3]", "[1,2,2,3]"},
         {"[]", "[]", "[]"},
         {"null", "[1]", "null"},
         {"[1]", "2",
          "error: at the document's root: reduction append (test:schema#/reduce): the later "
          "document has no array here"},
         {"1", "[2]",
          "error: at the document's root: reduction append (test:schema#/reduce): the earlier "
          "document has no array here"}});
}

TEST(Reduce, Sum) {
  check(R"({"reduce":{"strategy":"merge"},"properties":{"n":{"reduce":{"strategy":"sum"}}}})",
        {{R"({"n":1})", R"({"n":2})", R"({"n":3})"},
         {R"({})", R"({"n":2.50})", R"({"n":2.50})"},
         {R"({"n":2.50})", R"({})", R"({"n":2.50})"},
         {R"({"n":0.1})", R"({"n":0.2})", R"({"n":0.3})"},
         {R"({"n":"1.10"})", R"({"n":"2"})", R"({"n":"3.1"})"},
         {R"({"n":1})", R"({"n":"x"})",
          "error: at /n: reduction sum (test:schema#/properties/n/reduce): only numbers and "
          "numeric strings can be summed"},
         {R"({"n":null})", R"({"n":1})",
          "error: at /n: reduction sum (test:schema#/properties/n/reduce): only numbers and "
          "numeric strings can be summed"},
         {R"({"n":18446744073709551615})", R"({"n":1})",
          "error: at /n: reduction sum (test:schema#/properties/n/reduce): the sum does not fit in "
          "64 bits; use numeric strings for such sums",
          "apart"}});
}

TEST(Reduce, MinimizeAndMaximize) {
  check(R"({"reduce":{"strategy":"minimize"}})", {{"1", "2", "1"},
                                                  {"2", "1", "1"},
                                                  {"1", "1.0", "1.0"},
                                                  {"null", "0", "null"},
                                                  {R"("b")", R"("a")", R"("a")"},
                                                  {"3", R"("a")", "3"},
                                                  {"[1,2]", "[1]", "[1]"}});
  check(R"({"reduce":{"strategy":"maximize"}})", {{"1", "2", "2"},
                                                  {"2", "1", "2"},
                                                  {"1.0", "1", "1"},
                                                  {"null", "0", "0"},
                                                  {"3", R"("a")", R"("a")"}});
}

TEST(Reduce, MinimizeByKeyMergesWhatIsEqual) {
  check(R"({"reduce":{"strategy":"minimize","key":["/k"]},
            "properties":{"n":{"reduce":{"strategy":"sum"}}}})",
        {{R"({"k":1,"n":5})", R"({"k":2,"n":6})", R"({"k":1,"n":5})"},
         {R"({"k":3,"n":5})", R"({"k":2,"n":6})", R"({"k":2,"n":6})"},
         {R"({"k":2,"n":5})", R"({"n":6,"k":2,"z":1})", R"({"k":2,"n":11,"z":1})"},
         {R"({"n":5})", R"({"k":null})", R"({"n":5})"},
         {R"({"k":null,"a":1})", R"({"k":0})", R"({"k":null,"a":1})"},
         {"7", "8", "8"}});
}

TEST(Reduce, MergeOfObjects) {
  check(R"({"reduce":{"strategy":"merge"},"properties":{"o":{"reduce":{"strategy":"merge"}}}})",
        {{R"({"a":1,"b":2})", R"({"c":3,"b":4,"d":5})", R"({"a":1,"b":4,"c":3,"d":5})"},
         {R"({"o":{"x":1,"y":1}})", R"({"o":{"y":2,"z":3}})", R"({"o":{"x":1,"y":2,"z":3}})"},
         {R"({"o":null})", R"({"o":{"y":2}})", R"({"o":{"y":2}})", "apart"},
         {R"({"o":[1]})", R"({"o":{"y":2}})", R"({"o":{"y":2}})", "apart"},
         {R"({})", R"({"o":{"y":2}})", R"({"o":{"y":2}})"},
         {R"({"o":{}})", R"({"o":5})",
          "error: at /o: reduction merge (test:schema#/properties/o/reduce): the later document "
          "has neither an object nor an array here"}});
}

TEST(Reduce, MergeOfArrays) {
  check(R"({"reduce":{"strategy":"merge"},"items":{"reduce":{"strategy":"sum"}}})",
        {{"[1,2,3]", "[10,20]", "[11,22,3]"}, {"[1]", "[10,20]", "[11,20]"}, {"[]", "[]", "[]"}});
  check(R"({"reduce":{"strategy":"merge","key":["/k"]},
            "items":{"reduce":{"strategy":"merge"},"properties":{"n":{"reduce":{"strategy":"sum"}}}}})",
        {{R"([{"k":1,"n":1},{"k":3,"n":1}])", R"([{"k":2,"n":1},{"k":3,"n":5}])",
          R"([{"k":1,"n":1},{"k":2,"n":1},{"k":3,"n":6}])"},
         {R"([{"k":2},{"k":1}])", R"([])",
          "error: at the document's root: reduction merge (test:schema#/reduce): arrays merged by "
          "key must be sorted by it and hold no key twice"}});
  check(R"({"reduce":{"strategy":"merge","key":[""]}})", {{"[1,3]", "[2,3.0]", "[1,2,3.0]"}});
}

TEST(Reduce, DeletionTakesEffectInFullReductions) {
  constexpr std::string_view kSchema = R"({
    "if": {"properties":{"op":{"const":"d"}},"required":["op"]},
    "then": {"reduce":{"strategy":"merge","delete":true}},
    "else": {"reduce":{"strategy":"merge"}}})";
  check(kSchema,
        {{R"({"op":"c","v":1})", R"({"op":"d"})", R"(deleted {"op":"d","v":1})",
          R"({"op":"d","v":1})"},
         {R"({"op":"d","v":1})", R"({"op":"u","w":2})", R"({"op":"u","v":1,"w":2})", "apart"}});
  // Below the root, what is deleted is gone.
  const std::string nested =
      R"({"reduce":{"strategy":"merge"},"properties":{"x":)" + std::string(kSchema) + "}}";
  check(nested,
        {{R"({"x":{"op":"c","v":1},"y":1})", R"({"x":{"op":"d"}})", R"({"y":1})",
          R"({"x":{"op":"d","v":1},"y":1})"},
         {R"({"y":1})", R"({"x":{"op":"d"}})", R"({"y":1})", R"({"y":1,"x":{"op":"d"}})"},
         {R"({"x":{"op":"d"}})", R"({"x":{"op":"u","w":2}})", R"({"x":{"op":"u","w":2}})", "apart"},
         {R"({"x":{"op":"d"},"y":1})", R"({"y":2})", R"({"x":{"op":"d"},"y":2})"}});
}

TEST(Reduce, SetOfNames) {
  check(
      R"({"reduce":{"strategy":"set"},"properties":{"add":{"additionalProperties":{"reduce":{"strategy":"sum"}}}}})",
      {{R"({"add":{"b":1}})", R"({"add":{"a":2,"b":3}})", R"({"add":{"b":4,"a":2}})"},
       {R"({"add":{"a":1,"b":1}})", R"({"remove":{"a":0},"add":{"c":1}})",
        R"({"add":{"b":1,"c":1}})", R"({"add":{"b":1,"c":1},"remove":{"a":0}})"},
       {R"({"add":{"a":1,"b":1}})", R"({"intersect":{"a":0}})", R"({"add":{"a":1}})",
        R"({"add":{"a":1},"intersect":{"a":0}})"},
       {R"({"remove":{"a":0}})", R"({"remove":{"b":0}})", R"({})", R"({"remove":{"a":0,"b":0}})"},
       {R"({"remove":{"a":0}})", R"({"intersect":{"a":0,"b":0}})", R"({})",
        R"({"intersect":{"b":0}})"},
       {R"({"intersect":{"a":0,"b":0}})", R"({"remove":{"a":0}})", R"({})",
        R"({"intersect":{"b":0}})"},
       {R"({"intersect":{"a":0,"b":0}})", R"({"intersect":{"b":0,"c":0}})", R"({})",
        R"({"intersect":{"b":0}})"},
       {R"({})", R"({})", R"({})"},
       {R"({"add":{"a":1}})", R"({"remove":{},"intersect":{}})",
        "error: at the document's root: reduction set (test:schema#/reduce): a set may hold "
        "`intersect` or `remove`, not both"},
       {R"({"add":{}})", R"({"add":[]})",
        "error: at the document's root: reduction set (test:schema#/reduce): the terms of a set "
        "are all objects or all arrays"},
       {R"({"add":{}})", R"({"more":{}})",
        "error: at the document's root: reduction set (test:schema#/reduce): a set has no other "
        "members than `add`, `intersect` and `remove`"}});
}

TEST(Reduce, SetOfSortedItems) {
  check(R"({"reduce":{"strategy":"set","key":["/0"]},"properties":{"add":{"items":{
            "reduce":{"strategy":"merge"},"prefixItems":[true,{"reduce":{"strategy":"sum"}}]}}}})",
        {{R"({"add":[[55,1],[99,1]]})", R"({"remove":[[99]],"add":[[22,1],[55,1]]})",
          R"({"add":[[22,1],[55,2]]})", R"({"add":[[22,1],[55,2]],"remove":[[99]]})"},
         {R"({"add":[[11,1],[22,6],[55,1]]})", R"({"intersect":[[22],[33]]})",
          R"({"add":[[22,6]]})", R"({"add":[[22,6]],"intersect":[[22],[33]]})"},
         {R"({"add":[[2,1],[1,1]]})", R"({})",
          "error: at the document's root: reduction set (test:schema#/reduce): the arrays of a set "
          "must be sorted by its key and hold no key twice"}});
}

TEST(Reduce, JsonSchemaMerge) {
  check(R"({"reduce":{"strategy":"jsonSchemaMerge"}})",
        {{R"({"type":"string","maxLength":5})", R"({"type":"string","maxLength":10})",
          R"({"type":"string","maxLength":10})"},
         {R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]})",
          R"({"type":"object","properties":{"b":{"type":"string"}}})",
          R"({"type":"object","properties":{"a":{},"b":{}}})"},
         {R"({})", "5",
          "error: at the document's root: reduction jsonSchemaMerge (test:schema#/reduce): both "
          "sides must be objects that hold a JSON schema"}});
}

// A counter that can be reset: the action chooses how the document reduces.
TEST(Reduce, ConditionsChoose) {
  check(R"({"type":"object","oneOf":[
            {"properties":{"action":{"const":"reset"}},"reduce":{"strategy":"lastWriteWins"}},
            {"properties":{"action":{"const":"sum","reduce":{"strategy":"firstWriteWins"}},
                           "value":{"reduce":{"strategy":"sum"}}},
             "reduce":{"strategy":"merge"}}]})",
        {{R"({"action":"reset","value":5})", R"({"action":"sum","value":2})",
          R"({"action":"reset","value":7})"},
         {R"({"action":"sum","value":5})", R"({"action":"sum","value":2})",
          R"({"action":"sum","value":7})"},
         {R"({"action":"sum","value":5})", R"({"action":"reset","value":1})",
          R"({"action":"reset","value":1})"},
         {R"({"action":"sum","value":5})", R"({"action":"other"})", "invalid"}});
}

TEST(Reduce, ReferencesAndTheLastAnnotation) {
  check(R"({"$defs":{"n":{"reduce":{"strategy":"sum"}}},"reduce":{"strategy":"merge"},
            "allOf":[{"properties":{"a":{"$ref":"#/$defs/n"}}}],
            "anyOf":[{"properties":{"b":{"type":"integer","reduce":{"strategy":"maximize"}}}},{"required":["z"]}]})",
        {{R"({"a":1,"b":2,"c":3})", R"({"a":1,"b":1,"c":1})", R"({"a":2,"b":2,"c":1})"}});
  // What a condition says refines what stands around it.
  check(
      R"({"reduce":{"strategy":"lastWriteWins"},"if":{"type":"integer"},"then":{"reduce":{"strategy":"sum"}}})",
      {{"1", "2", "3"}, {R"("a")", R"("b")", R"("b")"}});
}

TEST(Reduce, AnnotationsThatAreWrong) {
  struct Wrong {
    std::string_view annotation, message;
  };
  constexpr Wrong kWrong[] = {
      {R"("sum")", "`reduce` must be an object with a \"strategy\""},
      {R"({"strategy":"summ"})", "unknown strategy \"summ\" (did you mean \"sum\"?)"},
      {R"({"strategy":"sum","key":[]})", "sum has no option \"key\""},
      {R"({"strategy":"merge","delet":true})",
       "merge has no option \"delet\" (did you mean \"delete\"?)"},
      {R"({"strategy":"merge","delete":1})", "\"delete\" must be true or false"},
      {R"({"strategy":"minimize","key":"/a"})", "\"key\" must be an array of JSON pointers"},
      {R"({"strategy":"minimize","key":[1]})", "\"key\" must hold JSON pointers only"},
      {R"({"strategy":"lastWriteWins","associative":null})",
       "\"associative\" must be true or false"},
  };
  for (const Wrong& wrong : kWrong) {
    SCOPED_TRACE(wrong.annotation);
    const auto schema =
        compile_schema(R"({"properties":{"a":{"reduce":)" + std::string(wrong.annotation) + "}}}");
    const auto reductions = Reductions::compile(*schema);
    ASSERT_FALSE(reductions);
    EXPECT_EQ(reductions.error().code, Code::kInvalid);
    EXPECT_EQ(reductions.error().message,
              "test:schema#/properties/a/reduce: " + std::string(wrong.message));
  }
}

// ---- laws ----

// A schema and documents for it.
struct Law {
  std::string_view schema;
  std::string (*document)(Random&);
};

std::string number(Random& random) {
  switch (random.below(5)) {
    case 0: return std::to_string(random.below(100)) + "." + std::to_string(random.below(100));
    case 1: return "\"" + std::to_string(random.below(100)) + "\"";
    default: return (random.one_in(3) ? "-" : "") + std::to_string(random.below(1000));
  }
}

std::string scalar(Random& random) {
  constexpr std::string_view kScalars[] = {"null", "true",   "false",  "0",     "1",  "1.0", "-7",
                                           "2.5",  R"("a")", R"("b")", R"("")", "[]", "[1]", "{}"};
  return std::string(kScalars[random.below(std::size(kScalars))]);
}

// {"name": …} of a random subset, in random order.
std::string object_of(Random& random, std::vector<std::pair<std::string, std::string>> members) {
  std::string out = "{";
  while (!members.empty()) {
    const auto at = static_cast<std::ptrdiff_t>(random.below(members.size()));
    if (random.below(3) > 0) {
      if (out.size() > 1) out += ',';
      out += '"' + members[static_cast<std::size_t>(at)].first +
             "\":" + members[static_cast<std::size_t>(at)].second;
    }
    members.erase(members.begin() + at);
  }
  return out + "}";
}

std::string merged_document(Random& random) {
  const std::string inner =
      object_of(random, {{"n", number(random)}, {"x", scalar(random)}, {"y", scalar(random)}});
  return object_of(random, {{"n", number(random)},
                            {"lo", scalar(random)},
                            {"hi", scalar(random)},
                            {"first", scalar(random)},
                            {"o", random.one_in(8) ? "null" : inner},
                            {"z", scalar(random)},
                            {"list", random.one_in(8) ? "null" : "[" + scalar(random) + "]"}});
}

std::string deleting_document(Random& random) {
  const auto child = [&] {
    return object_of(random, {{"op", random.one_in(3) ? R"("d")" : R"("u")"},
                              {"v", scalar(random)},
                              {"w", scalar(random)}});
  };
  return object_of(random, {{"op", random.one_in(3) ? R"("d")" : R"("u")"},
                            {"a", child()},
                            {"b", child()},
                            {"c", scalar(random)}});
}

std::string set_document(Random& random) {
  const auto term = [&] {
    return object_of(random, {{"k", "1"}, {"l", "2"}, {"m", "3"}, {"n", "4"}});
  };
  return object_of(random, {{"add", term()}, {random.one_in(2) ? "remove" : "intersect", term()}});
}

std::string sorted_set_document(Random& random) {
  const auto term = [&] {
    std::string out = "[";
    for (int key = 0; key < 5; ++key) {
      if (random.one_in(2)) continue;
      if (out.size() > 1) out += ',';
      out += R"({"k":)" + std::to_string(key) + R"(,"n":)" + std::to_string(random.below(9)) + "}";
    }
    return out + "]";
  };
  return object_of(random, {{"add", term()}, {random.one_in(2) ? "remove" : "intersect", term()}});
}

std::string keyed_document(Random& random) {
  return object_of(
      random,
      {{"k", scalar(random)}, {"j", scalar(random)}, {"n", std::to_string(random.below(9))}});
}

std::string keyed_list(Random& random) {
  std::string out = "[";
  for (int key = 0; key < 5; ++key) {
    if (random.one_in(2)) continue;
    if (out.size() > 1) out += ',';
    out += R"({"k":)" + std::to_string(key) + R"(,"n":)" + number(random) + "}";
  }
  return out + "]";
}

std::string schema_document(Random& random) {
  constexpr std::string_view kTypes[] = {R"("string")", R"("integer")", R"("number")",
                                         R"(["null","string"])", R"("object")"};
  const auto type = [&] { return std::string(kTypes[random.below(std::size(kTypes))]); };
  const std::string properties = object_of(
      random,
      {{"a", R"({"type":)" + type() + "}"},
       {"b", R"({"type":)" + type() + R"(,"maxLength":)" + std::to_string(random.below(5)) + "}"}});
  return object_of(random, {{"type", random.one_in(3) ? type() : R"("object")"},
                            {"properties", properties},
                            {"required", R"(["a"])"},
                            {"maxLength", std::to_string(random.below(9))},
                            {"minimum", std::to_string(random.below(9))}});
}

constexpr std::string_view kDeleting =
    R"({"if":{"properties":{"op":{"const":"d"}},"required":["op"]},
  "then":{"reduce":{"strategy":"merge","delete":true}},"else":{"reduce":{"strategy":"merge"}},
  "properties":{"a":{"$ref":"#/$defs/x"},"b":{"$ref":"#/$defs/y"}},
  "$defs":{"x":{"if":{"properties":{"op":{"const":"d"}},"required":["op"]},
    "then":{"reduce":{"strategy":"merge","delete":true}},"else":{"reduce":{"strategy":"merge"}}},
   "y":{"if":{"properties":{"op":{"const":"d"}},"required":["op"]},
    "then":{"reduce":{"strategy":"lastWriteWins","delete":true}}}}})";

const Law kLaws[] = {
    {R"({"reduce":{"strategy":"merge"},"properties":{
         "n":{"reduce":{"strategy":"sum"}},"lo":{"reduce":{"strategy":"minimize"}},
         "hi":{"reduce":{"strategy":"maximize"}},"first":{"reduce":{"strategy":"firstWriteWins"}},
         "list":{"if":{"type":"array"},"then":{"reduce":{"strategy":"append"}}},
         "o":{"if":{"type":"object"},"then":{"reduce":{"strategy":"merge"}},
              "properties":{"n":{"reduce":{"strategy":"sum"}},
                            "y":{"reduce":{"strategy":"lastWriteWins","associative":false}}}}}})",
     merged_document},
    {kDeleting, deleting_document},
    {R"({"reduce":{"strategy":"set"},"properties":{"add":{"additionalProperties":{"reduce":{"strategy":"sum"}}}}})",
     set_document},
    {R"({"reduce":{"strategy":"set","key":["/k"]},"properties":{"add":{"items":{"reduce":{"strategy":"merge"},
         "properties":{"n":{"reduce":{"strategy":"sum"}}}}}}})",
     sorted_set_document},
    {R"({"reduce":{"strategy":"minimize","key":["/k","/j"]},"properties":{"n":{"reduce":{"strategy":"sum"}}}})",
     keyed_document},
    {R"({"reduce":{"strategy":"maximize","key":["/k"]},"properties":{"n":{"reduce":{"strategy":"sum"}}}})",
     keyed_document},
    {R"({"reduce":{"strategy":"merge","key":["/k"]},"items":{"reduce":{"strategy":"merge"},
         "properties":{"n":{"reduce":{"strategy":"sum"}}}}})",
     keyed_list},
    {R"({"reduce":{"strategy":"jsonSchemaMerge"}})", schema_document},
};

bool is_document(const std::string& result) {
  return result.front() == '{' || result.front() == '[';
}

std::string without_flag(std::string result) {
  constexpr std::string_view kDeleted = "deleted ";
  if (result.starts_with(kDeleted)) result.erase(0, kDeleted.size());
  return result;
}

// full(l, associative(a, b)) == full(full(l, a), b), whenever a and b can be joined.
TEST(ReduceLaws, GroupingDoesNotShow) {
  for (const Law& law : kLaws) {
    SCOPED_TRACE(law.schema);
    const TextReducer reducer(law.schema);
    Random random(42);
    int joined = 0;
    for (int i = 0; i < 400; ++i) {
      const std::string l = law.document(random);
      const std::string a = law.document(random);
      const std::string b = law.document(random);
      const std::string ab = reducer.associative(a, b);
      const std::string la = without_flag(reducer.full(l, a));
      if (!is_document(ab) || !is_document(la)) continue;
      const std::string apart = reducer.full(la, b);
      const std::string together = reducer.full(l, ab);
      // Errors may show earlier or later, but an error that shows either way is one.
      if (apart.starts_with("error") || together.starts_with("error")) continue;
      ++joined;
      ASSERT_EQ(together, apart) << l << " <- " << a << " <- " << b << "\n joined: " << ab;
    }
    EXPECT_GT(joined, 20);
  }
}

// associative(associative(a, b), c) == associative(a, associative(b, c)), whenever all of them
// join.
TEST(ReduceLaws, JoiningIsAssociative) {
  for (const Law& law : kLaws) {
    SCOPED_TRACE(law.schema);
    const TextReducer reducer(law.schema);
    Random random(43);
    int joined = 0;
    for (int i = 0; i < 400; ++i) {
      const std::string a = law.document(random);
      const std::string b = law.document(random);
      const std::string c = law.document(random);
      const std::string ab = reducer.associative(a, b);
      const std::string bc = reducer.associative(b, c);
      if (!is_document(ab) || !is_document(bc)) continue;
      const std::string left = reducer.associative(ab, c);
      const std::string right = reducer.associative(a, bc);
      if (!is_document(left) || !is_document(right)) continue;
      ++joined;
      ASSERT_EQ(left, right) << a << ", " << b << ", " << c;
    }
    EXPECT_GT(joined, 10);
  }
}

}  // namespace
}  // namespace weir::document
