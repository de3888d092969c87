#include "connector/config.h"

#include <gtest/gtest.h>

namespace weir::connector {
namespace {

// What a reader of {path, hardDelete} says to a config.
std::string read(std::string_view text) {
  auto reader = ConfigReader::parse("endpoint.sqlite", text);
  if (!reader) return reader.error().message;
  auto path = reader->required_text("path");
  if (!path) return path.error().message;
  auto hard = reader->flag("hardDelete", false);
  if (!hard) return hard.error().message;
  if (auto status = reader->done(); !status) return status.error().message;
  return *path + (*hard ? " hard" : " soft");
}

TEST(ConfigReader, IsStrictAndQuotesNoValue) {
  struct Case {
    std::string_view text, expected;
  };
  const Case cases[] = {
      {R"({"path":"a.db"})", "a.db soft"},
      {R"({"path":"a.db","hardDelete":true})", "a.db hard"},
      {R"({"path":"a.db","hardDelete":null})", "a.db soft"},
      {R"({"path":"a.db","harddelete":true})",
       "endpoint.sqlite: unknown option `harddelete` (did you mean \"hardDelete\"?)"},
      {R"({"path":"a.db","zebra":"s3cret"})", "endpoint.sqlite: unknown option `zebra`"},
      {R"({"path":"a.db","hardDelete":"s3cret"})",
       "endpoint.sqlite.hardDelete: must be true or false, not string"},
      {R"({})", "endpoint.sqlite: `path` is missing"},
      {R"({"path":""})", "endpoint.sqlite.path: must be a text that is not empty"},
      {R"({"path":7})", "endpoint.sqlite.path: must be a text that is not empty"},
      {R"(["s3cret"])", "endpoint.sqlite: the config must be an object, not array"},
      {R"({"path": s3cret})", "endpoint.sqlite: the config is no valid JSON"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(read(c.text), c.expected);
  }
}

}  // namespace
}  // namespace weir::connector
