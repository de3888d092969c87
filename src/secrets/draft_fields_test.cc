#include "secrets/draft_fields.h"

#include <gtest/gtest.h>

#include "json/events.h"

namespace weir::secrets {
namespace {

TEST(DraftFields, PublishedExample) {
  const auto out = strip_trigger_hmac_excluded_fields(
      R"({"config": [{"url": "https://x.example", "headers": {"B": "2", "A": "1"},
          "payloadTemplate": "{\"a\": 1}", "timeout": "45s", "maxAttempts": 5}]})");
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(out->stripped,
            R"({"config":[{"headers":{"A":"1","B":"2"},"maxAttempts":0,"method":"POST",)"
            R"("payloadTemplate":"","timeout":"0s","url":"https://x.example"}]})");
  EXPECT_EQ(out->originals,
            R"([{"maxAttempts":5,"payloadTemplate":"{\"a\": 1}","timeout":"45s"}])");
  const auto back = restore_trigger_hmac_excluded_fields(
      R"({"config":[{"headers":{"A_sops":"ENC[x]"},"maxAttempts":0,"method":"POST",
          "payloadTemplate":"","timeout":"0s","url":"https://x.example"}],"sops":{}})",
      out->originals);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(
      *back,
      R"({"config":[{"headers":{"A_sops":"ENC[x]"},"maxAttempts":5,"method":"POST",)"
      R"("payloadTemplate":"{\"a\": 1}","timeout":"45s","url":"https://x.example"}],"sops":{}})");
}

TEST(DraftFields, OwnFieldsAreLeftOutAndComeBack) {
  const std::string text =
      R"({"config":[{"delivery":"background","enabled":false,"interval":"5m","maxAttempts":3,)"
      R"("mergePending":false,"method":"PUT","name":"ci","onExhausted":"park",)"
      R"("payloadTemplate":"{}","secrets":{"k":"v"},"timeout":"30s","url":"https://x.example"}],)"
      R"("interval":"1h"})";
  const auto out = strip_trigger_hmac_excluded_fields(text);
  ASSERT_TRUE(out);
  for (const char* left : {"delivery", "enabled", "interval", "name", "onExhausted", "1h", "5m"}) {
    EXPECT_EQ(out->stripped.find(left), std::string::npos) << left;
  }
  EXPECT_NE(out->stripped.find(R"("secrets":{"k":"v"})"), std::string::npos);
  EXPECT_EQ(*restore_trigger_hmac_excluded_fields(out->stripped, out->originals), text);
}

TEST(DraftFields, EntriesWithoutAPartnerAreIgnored) {
  const std::string one = R"({"config":[{"url":"u"}]})";
  EXPECT_EQ(*restore_trigger_hmac_excluded_fields(one, R"([{"timeout":"1s"},{"timeout":"2s"}])"),
            R"({"config":[{"timeout":"1s","url":"u"}]})");
  EXPECT_EQ(*restore_trigger_hmac_excluded_fields(R"({"config":[{"url":"u"},{"url":"v"}]})", "[]"),
            R"({"config":[{"url":"u"},{"url":"v"}]})");
  // Nothing but the excluded fields can be put back.
  EXPECT_EQ(*restore_trigger_hmac_excluded_fields(one, R"([{"url":"evil","method":"PUT"}])"), one);
}

TEST(DraftFields, ErrorsSayWhich) {
  const auto message = [](const auto& result) {
    return result ? std::string() : result.error().message;
  };
  EXPECT_TRUE(
      message(strip_trigger_hmac_excluded_fields("{")).starts_with("invalid triggers JSON: "));
  EXPECT_TRUE(message(strip_trigger_hmac_excluded_fields(R"({"config":[1]})"))
                  .starts_with("invalid triggers JSON: "));
  EXPECT_TRUE(message(restore_trigger_hmac_excluded_fields("{", "[]"))
                  .starts_with("invalid encrypted JSON: "));
  EXPECT_TRUE(message(restore_trigger_hmac_excluded_fields(R"({"config":[{}]})", "[1]"))
                  .starts_with("invalid originals: "));
  EXPECT_TRUE(message(restore_trigger_hmac_excluded_fields(R"({"config":[{}]})", "{}"))
                  .starts_with("invalid originals: "));
}

}  // namespace
}  // namespace weir::secrets
