#include "journal/line.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "journal/stamp.h"

namespace weir::journal {
namespace {

constexpr std::string_view kUuid = "85bad119-15f2-11ee-8401-43f05f562888";

std::string with_uuid(std::string text) {
  for (std::size_t at = text.find("UUID"); at != std::string::npos; at = text.find("UUID"))
    text.replace(at, 4, kUuid);
  return text;
}

std::string kind_of(std::string_view line) {
  document::Uuid uuid;
  switch (inspect_line(line, uuid)) {
    case LineKind::kUuid: return "uuid " + document::format_uuid(uuid);
    case LineKind::kPlain: return "plain";
    case LineKind::kUnreadable: return "unreadable";
  }
  return "?";
}

TEST(Line, Kinds) {
  const std::string uuid = "uuid " + std::string(kUuid);
  const struct {
    std::string line, expected;
  } cases[] = {
      {R"({"_meta":{"uuid":"UUID"}})", uuid},
      {R"({"_meta":{"uuid":"UUID"},"a":1})", uuid},
      {R"({"_meta":{"uuid":"UUID","ack":true}})", uuid},
      {R"({"a":"}\"","_meta":{"op":{"x":[1]},"uuid":"UUID"},"b":[{}]})", uuid},
      {R"( { "a" : 1 , "_meta" : { "uuid" : "UUID" } } )", uuid},
      {R"({"\u005fmeta":{"uu\u0069d":"UUID"}})", uuid},
      // The last of several names counts, unless the line begins in the usual way.
      {R"({"a":1,"_meta":{"uuid":"x"},"_meta":{"uuid":"UUID"}})", uuid},
      {R"({"a":1,"_meta":{"uuid":"UUID"},"_meta":{}})", "plain"},
      {R"({"_meta":{"uuid":"UUID"},"_meta":{}})", uuid},
      {R"({})", "plain"},
      {R"({"a":{"_meta":{"uuid":"UUID"}}})", "plain"},
      {R"({"_meta":{"a":{"uuid":"UUID"}}})", "plain"},
      {R"({"_meta":["uuid","UUID"]})", "plain"},
      {R"({"_meta":{"uuid":7}})", "plain"},
      {R"({"_meta":{"uuid":"85bad119-15f2-41ee-8401-43f05f562888"}})", "plain"},  // version 4
      {"", "unreadable"},
      {"{", "unreadable"},
      {"[]", "unreadable"},
      {"7", "unreadable"},
      {R"({"a":1}})", "unreadable"},
      {R"({"a":1} x)", "unreadable"},
      {R"({"a":})", "unreadable"},
      {R"({"a" 1})", "unreadable"},
      {R"({"a":"b)", "unreadable"},
      {R"({"a":"b\)", "unreadable"},
      {R"({"_meta":{"uuid":"UUID")", "unreadable"},
      {std::string("{\"a\":\"\0\"}", 9), "unreadable"},
      {std::string(20, '\0'), "unreadable"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.line);
    EXPECT_EQ(kind_of(with_uuid(c.line)), c.expected);
  }
}

std::string room_in(std::string_view json) {
  const auto prepared = make_room(json, find_meta(json));
  if (!prepared) return "error: " + prepared.error().message;
  std::string line = prepared->line;
  EXPECT_EQ(line.substr(prepared->uuid_at, kUuidTextBytes), std::string(kUuidTextBytes, '0'));
  return line.replace(prepared->uuid_at, kUuidTextBytes, "?");
}

TEST(Line, RoomForAUuid) {
  const struct {
    std::string_view json, expected;
  } cases[] = {
      {R"({})", R"({"_meta":{"uuid":"?"}})"},
      {R"({ })", R"({"_meta":{"uuid":"?"} })"},
      {R"({"a":1})", R"({"_meta":{"uuid":"?"},"a":1})"},
      {R"({ "a": 1.0e5 })", R"({"_meta":{"uuid":"?"}, "a": 1.0e5 })"},
      {R"({"a":1,"_meta":{}})", R"({"a":1,"_meta":{"uuid":"?"}})"},
      {R"({"a":1,"_meta":{ "op":"u"}})", R"({"a":1,"_meta":{"uuid":"?", "op":"u"}})"},
      {R"({"_meta":{"_meta":{}}})", R"({"_meta":{"uuid":"?","_meta":{}}})"},
      {R"({"_meta":null})",
       "error: /_meta is no object, so it has no room for the document's uuid"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.json);
    EXPECT_EQ(room_in(c.json), c.expected);
  }
}

TEST(Line, UuidsInPlace) {
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    document::Uuid uuid;
    uuid.clock = random.next();
    uuid.flags = random.next() & 0x3ff;
    for (std::uint8_t& byte : uuid.producer) byte = static_cast<std::uint8_t>(random.next());
    std::string text(kUuidTextBytes, '?');
    write_uuid(uuid, text.data());
    ASSERT_EQ(text, document::format_uuid(uuid));
  }
}

TEST(Line, Compacting) {
  EXPECT_EQ(compacted("{\n  \"a b\" : [ 1,\r\n\t2 ],\n \"c\\\"  d\": \" \\\\\" }"),
            R"({"a b":[1,2],"c\"  d":" \\"})");
}

TEST(Line, Acknowledgements) {
  const auto uuid = document::parse_uuid(kUuid);
  ASSERT_TRUE(uuid);
  EXPECT_EQ(acknowledgement(*uuid, {}),
            with_uuid(R"({"_meta":{"uuid":"UUID","ack":true}})") + "\n");
  const std::string digest = digest_of_batch("monday");
  ASSERT_EQ(digest.size(), 32u);
  const std::string named = acknowledgement(*uuid, digest);
  EXPECT_EQ(named,
            with_uuid(R"({"_meta":{"uuid":"UUID","ack":true,"batch":")") + digest + "\"}}\n");
  EXPECT_EQ(batch_digest_of(std::string_view(named).substr(0, named.size() - 1)), digest);
  EXPECT_EQ(batch_digest_of(with_uuid(R"({"_meta":{"uuid":"UUID","ack":true}})")), "");
}

}  // namespace
}  // namespace weir::journal
