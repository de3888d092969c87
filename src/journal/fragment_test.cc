#include "journal/fragment.h"

#include "base/digest.h"
#include "journal/bytes.h"
#include "journal/test_compress.h"
#include "journal/test_support.h"

namespace weir::journal {
namespace {

constexpr std::string_view kSha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

std::string sealed(std::int64_t begin, std::int64_t end, std::string_view suffix = ".raw") {
  return fmt::format("{:016x}-{:016x}-{}{}", begin, end, kSha1, suffix);
}

TEST(Fragment, Names) {
  const auto open = parse_fragment_name("00000000000000ff.open");
  ASSERT_TRUE(open);
  EXPECT_TRUE(open->open());
  EXPECT_EQ(open->begin, 255);
  EXPECT_EQ(open_fragment_name(255), "00000000000000ff.open");

  const auto raw = parse_fragment_name(sealed(16, 4096));
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->begin, 16);
  EXPECT_EQ(raw->end, 4096);
  EXPECT_EQ(raw->compression, Compression::kNone);
  EXPECT_EQ(sealed_fragment_name(16, 4096, sha1("")), sealed(16, 4096));
  EXPECT_EQ(parse_fragment_name(sealed(0, 1, ".gz"))->compression, Compression::kGzip);
  EXPECT_EQ(parse_fragment_name(sealed(0, 1, ".zst"))->compression, Compression::kZstandard);

  for (const std::string& other :
       {std::string(), std::string(".lock"), std::string("00000000000000ff"),
        std::string("0ff.open"), std::string("-0000000000000ff.open"),
        std::string("00000000000000fg.open"), sealed(0, 1, ".sz"), sealed(0, 1, ""),
        sealed(0, 1, ".raw.tmp-1-0"), sealed(2, 1), sealed(0, 1).replace(16, 1, "_"),
        sealed(0, 1).replace(40, 1, "x")}) {
    SCOPED_TRACE(other);
    EXPECT_FALSE(parse_fragment_name(other));
  }
}

FragmentList list_of(std::initializer_list<std::string> names) {
  std::vector<Fragment> fragments;
  for (const std::string& name : names) fragments.push_back(*parse_fragment_name(name));
  return FragmentList::of(std::move(fragments));
}

std::string covering(const FragmentList& list, std::int64_t offset) {
  const Fragment* found = list.covering(offset);
  if (found == nullptr) return fmt::format("none, next {}", list.next_begin(offset));
  return found->open() ? fmt::format("{}+", found->begin)
                       : fmt::format("{}-{}", found->begin, found->end);
}

TEST(Fragment, Covering) {
  const FragmentList list =
      list_of({sealed(10, 20), sealed(20, 30), sealed(15, 40), sealed(12, 18), sealed(60, 70),
               open_fragment_name(70), open_fragment_name(10)});
  EXPECT_EQ(list.begin(), 10);
  EXPECT_EQ(list.sealed_end(), 70);
  EXPECT_EQ(covering(list, 0), "none, next 10");
  EXPECT_EQ(covering(list, 10), "10-20");
  EXPECT_EQ(covering(list, 15), "15-40");
  EXPECT_EQ(covering(list, 39), "15-40");
  EXPECT_EQ(covering(list, 40), "none, next 60");
  EXPECT_EQ(covering(list, 69), "60-70");
  EXPECT_EQ(covering(list, 70), "70+");
  EXPECT_EQ(covering(list, 7000), "70+");
  // Begins before what is sealed: a leftover.
  ASSERT_EQ(list.stale().size(), 1u);
  EXPECT_EQ(list.stale()[0].begin, 10);
}

std::string numbers(int begin, int end) {
  std::string text;
  for (int i = begin; i < end; ++i) text += fmt::format("{}\n", i);
  return text;
}

std::string read_text(JournalBytes& bytes, std::int64_t offset, std::size_t length) {
  std::string text(length, '\0');
  const auto read = bytes.read(offset, text);
  if (!read) return "error: " + read.error().message;
  text.resize(read->bytes);
  switch (read->stop) {
    case JournalBytes::Stop::kFull: return text;
    case JournalBytes::Stop::kEnd: return text + "<end>";
    case JournalBytes::Stop::kGap: return text + fmt::format("<gap to {}>", read->gap_end);
    case JournalBytes::Stop::kCut: return "<cut>";
  }
  return "?";
}

TEST(JournalBytes, ReadsAcrossFragmentsOfAllKinds) {
  TestFolder folder;
  const std::string first = numbers(0, 40'000);
  const std::string second = numbers(40'000, 90'000);
  const std::string third = numbers(90'000, 90'100);
  const auto at = [](const std::string& text) { return static_cast<std::int64_t>(text.size()); };
  const std::int64_t a = at(first), b = a + at(second);
  write_text(folder.path() + "/" + sealed(0, a, ".gz"), gzip(first));
  // Two frames in one file, as a concatenation makes.
  write_text(folder.path() + "/" + sealed(a, b, ".zst"),
             zstandard(second.substr(0, 1000)) + zstandard(second.substr(1000)));
  write_text(folder.path() + "/" + open_fragment_name(b), third);
  const std::string all = first + second + third;

  JournalBytes bytes(folder.path());
  EXPECT_EQ(read_text(bytes, 0, all.size()), all);
  EXPECT_EQ(read_text(bytes, 0, all.size() + 1), all + "<end>");
  EXPECT_EQ(read_text(bytes, a - 3, 10), all.substr(a - 3, 10));
  EXPECT_EQ(read_text(bytes, 17, 100'000), all.substr(17, 100'000));  // back again
  EXPECT_EQ(read_text(bytes, b + 7, 10), all.substr(b + 7, 10));
  EXPECT_EQ(read_text(bytes, at(all) + 1, 10), "<cut>");
  const auto bounds = bytes.bounds();
  ASSERT_TRUE(bounds);
  EXPECT_EQ(bounds->begin, 0);
  EXPECT_EQ(bounds->end, at(all));
}

TEST(JournalBytes, FollowsTheOpenFragment) {
  TestFolder folder;
  JournalBytes bytes(folder.path() + "/not-there-yet");
  EXPECT_EQ(read_text(bytes, 0, 4), "<end>");
  const std::string folder_path = folder.path() + "/not-there-yet";
  const std::string open = folder_path + "/" + open_fragment_name(0);
  write_text(open, "abc");
  EXPECT_EQ(read_text(bytes, 0, 8), "abc<end>");
  {
    auto file = io::File::open(open, io::File::Open::kReadWrite);
    ASSERT_TRUE(file->write_at(3, "def"));
  }
  EXPECT_EQ(read_text(bytes, 0, 8), "abcdef<end>");
  ASSERT_TRUE(io::rename_file(open, folder_path + "/" + sealed(0, 6)));
  EXPECT_EQ(read_text(bytes, 0, 8), "abcdef<end>");
  EXPECT_EQ(read_text(bytes, 6, 8), "<end>");
  write_text(folder_path + "/" + open_fragment_name(6), "ghi");
  EXPECT_EQ(read_text(bytes, 0, 12), "abcdefghi<end>");
  EXPECT_EQ(bytes.likely_end(), 9);
}

TEST(JournalBytes, SeesWhenTheOpenFragmentWasCut) {
  TestFolder folder;
  const std::string open = folder.path() + "/" + open_fragment_name(0);
  write_text(open, "abcdef");
  JournalBytes bytes(folder.path());
  JournalBytes careful(folder.path());
  EXPECT_EQ(read_text(bytes, 0, 6), "abcdef");
  EXPECT_EQ(read_text(careful, 0, 3), "abc");
  // Only "abc" was worth keeping.
  write_text(folder.path() + "/" + sealed(0, 3), "abc");
  ASSERT_TRUE(io::remove_file(open));
  write_text(folder.path() + "/" + open_fragment_name(3), "DEFGHI");
  EXPECT_EQ(read_text(bytes, 6, 3), "<cut>");
  EXPECT_EQ(read_text(bytes, 3, 3), "DEF");
  // One that believed no more than that goes on as if nothing had been.
  EXPECT_EQ(read_text(careful, 3, 6), "DEFGHI");
}

TEST(JournalBytes, GapsAndDamage) {
  TestFolder folder;
  write_text(folder.path() + "/" + sealed(0, 3), "abc");
  write_text(folder.path() + "/" + sealed(10, 13), "klm");
  JournalBytes bytes(folder.path());
  EXPECT_EQ(read_text(bytes, 0, 20), "abc<gap to 10>");
  EXPECT_EQ(read_text(bytes, 5, 20), "<gap to 10>");
  EXPECT_EQ(read_text(bytes, 10, 20), "klm<end>");
  write_text(folder.path() + "/" + sealed(13, 20), "nop");
  write_text(folder.path() + "/" + sealed(20, 30, ".gz"), "no such stream");
  write_text(folder.path() + "/" + sealed(30, 40, ".zst"), zstandard("too short"));
  write_text(folder.path() + "/" + sealed(40, 50, ".gz"), gzip("0123456789").substr(0, 20));
  EXPECT_THAT(read_text(bytes, 13, 7), testing::HasSubstr("is shorter than its name says"));
  EXPECT_THAT(read_text(bytes, 20, 7), testing::HasSubstr("not a gzip stream"));
  EXPECT_THAT(read_text(bytes, 30, 10), testing::HasSubstr("holds less than its name says"));
  EXPECT_THAT(read_text(bytes, 40, 10), testing::HasSubstr("the gzip stream is cut off"));
}

}  // namespace
}  // namespace weir::journal
