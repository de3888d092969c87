// No memory goes back to the allocator with an opened value in it. This program has an allocator of
// its own, which looks at each block that is freed.
#include <gtest/gtest.h>
#include <malloc.h>
#include <string.h>

#include <cstdlib>
#include <functional>
#include <new>

#include "secrets/draft_fields.h"
#include "secrets/sealed_part.h"
#include "secrets/sops_test_support.h"

namespace {

// Longer than what a std::string keeps inside itself.
constexpr char kCanary[] = "canary-of-the-wiping-tests";

bool watching = false;
int found = 0;

void look(void* block) {
  if (!watching || block == nullptr) return;
  const std::size_t size = ::malloc_usable_size(block);
  if (::memmem(block, size, kCanary, sizeof kCanary - 1) != nullptr) ++found;
}

}  // namespace

// Zeroed, so that what an earlier owner left is not taken for the present one's. The forms for
// arrays and nothrow are here too because a sanitizer has its own of each. Not inlined, for an
// optimizing compiler would see free() of what operator new gave, and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* block = std::calloc(1, size == 0 ? 1 : size);
  if (block == nullptr) std::abort();
  return block;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  look(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  operator delete(block);
}
void operator delete[](void* block) noexcept {
  operator delete(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  operator delete(block);
}

namespace weir::secrets {
namespace {

// How many blocks with the canary were freed during the call.
int leaks_of(const std::function<void()>& call) {
  found = 0;
  watching = true;
  call();
  watching = false;
  return found;
}

Secret canary() {
  return Secret(std::string(kCanary));
}

const Keyring& keyring() {
  static const Keyring ring = [] {
    Keyring out;
    out.identities.push_back(test_identity());
    out.regex = json::re2_syntax_factory();
    return out;
  }();
  return ring;
}

std::string sealed_json() {
  const std::string text = fmt::format(
      R"({{"config": [{{"url": "u", "method": "POST", "headers": {{"A_sops": "{0}", "B_sops": ["{0}", 7]}},
          "payloadTemplate": "", "timeout": "0s", "maxAttempts": 0}}]}})",
      kCanary);
  json::Arena arena;
  const auto root = json::parse_text(text, arena);
  return encrypted(json::to_text(*strip_trigger_fields(*root, arena)), Format::kJson,
                   {.rule_kind = "encrypted_suffix", .rule = "_sops"});
}

TEST(Wiping, TheWatchSeesWhatIsNotWiped) {
  EXPECT_EQ(leaks_of([] { const std::string text(kCanary); }), 1);
  EXPECT_EQ(leaks_of([] { const Secret text = canary(); }), 0);
}

TEST(Wiping, SecretTextsThatGrow) {
  EXPECT_EQ(leaks_of([] {
              SecretText text(1);
              for (int i = 0; i < 100; ++i) text.append_quoted(kCanary);
              SecretText moved(std::move(text));
              moved.append(kCanary);
              const Secret taken = moved.take();
            }),
            0);
}

TEST(Wiping, ArenasOfSecrets) {
  const Secret text{fmt::format(R"({{"a": ["{0}", "\u0041{0}"], "{0}": 1}})", kCanary)};
  std::string dense = "[";
  for (int i = 0; i < 2000; ++i) dense += i % 2 == 0 ? "1," : "{\"\":0},";
  const Secret full(dense + "\"" + kCanary + "\"]");
  for (const Secret* each : {&text, &full}) {
    EXPECT_EQ(leaks_of([&] {
                json::SecretArena arena;
                ASSERT_TRUE(arena.parse(each->reveal()));
              }),
              0);
    EXPECT_EQ(leaks_of([&] {
                json::SecretArena arena;
                arena.reserve(each->reveal().size());
                // What was read of a text that is broken at its end.
                EXPECT_FALSE(
                    json::SecretArena().parse(each->reveal().substr(0, each->reveal().size() - 1)));
                ASSERT_TRUE(json::parse(each->reveal(), arena.arena()));
              }),
              1);  // the parser's own buffer, which only SecretArena::parse wipes
    EXPECT_GT(leaks_of([&] {
                json::Arena arena;
                ASSERT_TRUE(json::parse(each->reveal(), arena));
              }),
              1);
  }
}

TEST(Wiping, FilesOfAge) {
  const Secret plain{std::string(70'000, 'x') + kCanary};
  std::string file;
  EXPECT_EQ(leaks_of([&] {
              AgeWriter writer = *AgeWriter::start(
                  {{test_identity().recipient()}}, Armor::kYes,
                  [&file](std::string_view bytes) -> Status {
                    file += bytes;
                    return {};
                  },
                  system_entropy());
              for (std::size_t at = 0; at < plain.reveal().size(); at += 1000) {
                ASSERT_TRUE(writer.write(plain.reveal().substr(at, 1000)));
              }
              ASSERT_TRUE(writer.finish());
            }),
            0);
  EXPECT_EQ(leaks_of([&] {
              const auto opened = age_decrypt(file, {.identities = keyring().identities});
              ASSERT_TRUE(opened);
              EXPECT_TRUE(opened->reveal().ends_with(kCanary));
            }),
            0);
}

TEST(Wiping, DocumentsThatAreEncryptedAndOpened) {
  for (const Format format : {Format::kJson, Format::kYaml}) {
    Secret plain{fmt::format(R"({{"a": "{0}", "b": {{"list": ["{0}\n", 1.5, true]}}}})", kCanary)};
    std::unique_ptr<TextDocument> document;
    // What the library for YAML keeps for itself is not ours to wipe.
    const auto read = [&] { document = *TextDocument::parse("f", plain, format, yaml_parser()); };
    if (format == Format::kJson) EXPECT_EQ(leaks_of(read), 0);
    if (format == Format::kYaml) read();
    SopsStanza stanza = stanza_of_options({});
    const auto key = random_secret(system_entropy(), kDataKeyBytes);
    ASSERT_TRUE(wrap_data_key(stanza, *key, system_entropy()));
    Secret sealed;
    EXPECT_EQ(leaks_of([&] {
                sealed = *encrypted_text(*document, stanza, *key, kNow, {}, system_entropy());
                document.reset();
              }),
              0);
    const auto again = document_of(sealed.reveal(), format);
    EXPECT_EQ(leaks_of([&] {
                const auto opened = open_file(*again, keyring().identities, keyring().regex);
                ASSERT_TRUE(opened);
                const auto text = decrypted_text(*again, *opened);
                ASSERT_TRUE(text);
                EXPECT_NE(text->reveal().find(kCanary), std::string_view::npos);
                ASSERT_TRUE(rotated_text(*again, *opened, opened->stanza, kNow, system_entropy()));
              }),
              0);
  }
}

TEST(Wiping, PartsOfCatalogs) {
  json::Tree tree = tree_of(sealed_json(), Format::kJson);
  for (const PartKind kind : {PartKind::kConfig, PartKind::kTriggers}) {
    EXPECT_EQ(leaks_of([&] {
                const auto part = open_part(tree.root, kind, keyring());
                ASSERT_TRUE(part) << part.error().message;
                const auto json = (*part)->json();
                ASSERT_TRUE(json);
                EXPECT_NE(json->reveal().find(kCanary), std::string_view::npos);
              }),
              0);
  }
}

TEST(Wiping, WhatTheProgramAnswers) {
  std::string text = sealed_json();
  const std::size_t age = text.find("\"age\"");
  text.replace(age, 5, "\"kms\": [{\"arn\": \"arn:aws:kms:x\"}], \"other\"");
  json::Tree tree = tree_of(text, Format::kJson);
  Keyring ring = keyring();
  ring.sops = [](std::string_view) -> Result<Secret> {
    return Secret(fmt::format(
        R"({{"config": [{{"headers": {{"A_sops": "{0}", "B_sops": ["{0}", 7]}}, "maxAttempts": 0,
            "method": "POST", "payloadTemplate": "", "timeout": "0s", "url": "u"}}]}})",
        kCanary));
  };
  EXPECT_EQ(leaks_of([&] {
              const auto part = open_part(tree.root, PartKind::kTriggers, ring);
              ASSERT_TRUE(part) << part.error().message;
              const auto json = (*part)->json();
              ASSERT_TRUE(json);
              EXPECT_NE(json->reveal().find(kCanary), std::string_view::npos);
            }),
            0);
}

}  // namespace
}  // namespace weir::secrets
