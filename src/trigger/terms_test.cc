#include "trigger/terms.h"

#include <gtest/gtest.h>

#include "delivery/identity.h"

namespace weir::trigger {
namespace {

catalog::Trigger trigger(std::string name, std::string url) {
  catalog::Trigger out;
  out.name = std::move(name);
  out.url = Secret(std::move(url));
  out.payload_template = "{}";
  return out;
}

catalog::BuiltMaterialization built(std::vector<catalog::Trigger> triggers) {
  catalog::BuiltMaterialization out;
  out.spec.name = "acme/tables";
  out.spec.bindings.resize(2);
  out.triggers = std::move(triggers);
  return out;
}

TEST(Terms, IdentitiesFollowContentNotPosition) {
  const auto a = trigger("", "https://a.example/hook");
  const auto b = trigger("", "https://b.example/hook");
  const auto one = terms_of(built({a, b}), "");
  const auto other = terms_of(built({b, a}), "");
  EXPECT_EQ(one[0].identity, other[1].identity);
  EXPECT_EQ(one[1].identity, other[0].identity);
  EXPECT_EQ(one[0].label, "POST https://a.example");
}

TEST(Terms, EqualOnesAreToldApartAndANameTakesOver) {
  const auto a = trigger("", "https://a.example/hook");
  const auto twins = terms_of(built({a, a}), "");
  EXPECT_EQ(twins[0].identity,
            delivery::trigger_identity_unnamed("POST", "https://a.example/hook", 1));
  EXPECT_EQ(twins[1].identity,
            delivery::trigger_identity_unnamed("POST", "https://a.example/hook", 2));
  const auto named = terms_of(built({trigger("ci", "https://a.example/hook")}), "");
  EXPECT_EQ(named[0].identity, delivery::trigger_identity_named("ci"));
  EXPECT_EQ(named[0].former_identity, twins[0].identity);
  EXPECT_EQ(named[0].label, "ci");
}

TEST(Terms, NamingAnyOfEqualOnesTakesOverWhatIsOwed) {
  const auto a = trigger("", "https://a.example/hook");
  const auto twins = terms_of(built({a, a}), "");
  const auto ci = trigger("ci", "https://a.example/hook"),
             dev = trigger("dev", "https://a.example/hook");
  const auto one = terms_of(built({ci, a}), "");
  EXPECT_EQ(one[1].identity, twins[0].identity);
  EXPECT_EQ(one[0].former_identity, twins[1].identity);
  const auto both = terms_of(built({ci, dev}), "");
  EXPECT_EQ(both[0].former_identity, twins[0].identity);
  EXPECT_EQ(both[1].former_identity, twins[1].identity);
}

TEST(Terms, EveryEditThatCouldHelpChangesTheWords) {
  auto a = trigger("ci", "https://a.example/hook");
  a.headers.emplace("X-Key", Secret(std::string("Bearer ${env:TOKEN}")));
  const std::string before = terms_of(built({a}), "")[0].words;
  auto edited = a;
  edited.headers["X-Key"] = Secret(std::string("Bearer ${env:NEW_TOKEN}"));
  EXPECT_NE(terms_of(built({edited}), "")[0].words, before);
  edited = a;
  edited.headers["X-Key"] = Secret(std::string("canary"));
  EXPECT_NE(terms_of(built({edited}), "")[0].words, before);
  edited = a;
  edited.secrets.emplace("key", Secret(std::string("k")));
  EXPECT_NE(terms_of(built({edited}), "")[0].words, before);
  edited = a;
  edited.timeout = std::chrono::seconds(90);
  EXPECT_NE(terms_of(built({edited}), "")[0].words, before);
}

// What rests in the state could be tried against every short value there is.
TEST(Terms, NoValueOfAHeaderOrSecretHasAPartInTheWords) {
  struct Case {
    std::string one, other;
  };
  const Case cases[] = {{"canary", "another"},
                        {"a${env:TOKEN}", "b${env:TOKEN}"},
                        {"$${env:TOKEN}", "$${env:OTHER}"},
                        {"${env:TOKEN", "${env:OTHER"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.one);
    auto one = trigger("ci", "https://a.example/hook"), other = one;
    one.headers.emplace("X-Key", Secret(std::string(c.one)));
    one.secrets.emplace("key", Secret(std::string(c.one)));
    other.headers.emplace("X-Key", Secret(std::string(c.other)));
    other.secrets.emplace("key", Secret(std::string(c.other)));
    EXPECT_EQ(terms_of(built({one}), "")[0].words, terms_of(built({other}), "")[0].words);
  }
}

TEST(Terms, AReferenceIsALabelOfItsOwn) {
  EXPECT_EQ(label_of(trigger("", "${env:HOOK_URL}/path")), "POST ${env:HOOK_URL}");
  EXPECT_EQ(label_of(trigger("", "https://a.example/hook")), "POST https://a.example");
}

TEST(Terms, AnEditOfTheWordsChangesTheRevisionAndTheUrlOfANamedOneToo) {
  auto a = trigger("ci", "https://a.example/hook");
  const std::string before = terms_of(built({a}), "prod")[0].words;
  EXPECT_EQ(terms_of(built({a}), "prod")[0].words, before);
  EXPECT_NE(terms_of(built({a}), "test")[0].words, before);
  a.headers.emplace("X-Key", Secret(std::string("canary")));
  const std::string with_header = terms_of(built({a}), "prod")[0].words;
  EXPECT_NE(with_header, before);
  EXPECT_EQ(with_header.find("canary"), std::string::npos);
  a.url = Secret(std::string("https://b.example/hook"));
  EXPECT_NE(terms_of(built({a}), "prod")[0].words, with_header);
}

TEST(Terms, RetriesByKind) {
  auto a = trigger("ci", "https://a.example/hook");
  EXPECT_EQ(retry_of(a).attempts_max, 3u);
  EXPECT_EQ(retry_of(a).first_delay, std::chrono::seconds(1));
  EXPECT_EQ(retry_of(a).max_delay, std::chrono::seconds(30));
  EXPECT_FALSE(retry_of(a).jitter);
  a.max_attempts = 0;
  EXPECT_EQ(retry_of(a).attempts_max, 1u);
  a.delivery = catalog::DeliveryMode::kBackground;
  EXPECT_EQ(retry_of(a).attempts_max, 0u);  // no limit but time
  EXPECT_EQ(retry_of(a).give_up_after, kGiveUpAfter);
  EXPECT_TRUE(retry_of(a).jitter);
  a.max_attempts = 5;
  a.max_attempts_written = true;
  EXPECT_EQ(retry_of(a).attempts_max, 5u);
  EXPECT_FALSE(retry_of(a).give_up_after);
}

TEST(Terms, CountsAreTakenOnlyWhereATemplateAsks) {
  struct Case {
    std::string payload;
    bool counted;
  };
  const Case cases[] = {
      {"{}", false},
      {R"({"n": {{#each tables}}{{documents}}{{/each}}})", false},
      {R"({"n": {{#each tables}}{{inserted}}{{/each}}})", true},
      {R"({"t": {{json tables}}})", true},
      {R"({"n": {{json tables.0.deleted}}})", true},
      {R"({"n": {{json tables.0}}})", true},
      {R"({"n": {{json tables.0.documents}}})", false},
      {R"({"n": [{{#each tables}}{{json this}},{{documents}},{{/each}}0]})", true},
      {R"({"n": [{{#each tables as |t|}}{{t.stored}},{{/each}}0]})", false},
      {R"({{#if (gt transactions.count 1)}}{}{{else}}{}{{/if}})", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.payload);
    auto a = trigger("ci", "https://a.example/hook");
    a.payload_template = c.payload;
    EXPECT_EQ(counted_bindings(built({a})), std::vector<bool>(2, c.counted));
    a.enabled = false;
    EXPECT_EQ(counted_bindings(built({a})), std::vector<bool>(2, false));
  }
}

}  // namespace
}  // namespace weir::trigger
