// For the tests of this folder: a folder that vanishes, documents in short form, a clock that
// stands where it is put.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "document/uuid.h"
#include "io/file.h"
#include "journal/append.h"
#include "journal/file_journal.h"
#include "journal/fragment.h"

namespace weir::journal {

class TestFolder {
 public:
  // kMemory: where syncing costs nothing, if there is such a place.
  enum class Where { kDisk, kMemory };
  explicit TestFolder(Where where = Where::kDisk) {
    std::filesystem::path parent = std::filesystem::temp_directory_path();
    if (where == Where::kMemory && ::access("/dev/shm", W_OK) == 0) parent = "/dev/shm";
    std::string name = (parent / "weir-journal-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class TestClock : public Clock {
 public:
  Timestamp now() const override { return now_; }
  Instant monotonic() const override { return {}; }
  void set(Timestamp now) { now_ = now; }
  void advance(std::chrono::microseconds by) { now_ += by; }

 private:
  Timestamp now_{std::chrono::seconds(1'700'000'000)};
};

inline constexpr std::string_view kTestJournal = "acme/orders/pivot=00";

inline document::Uuid test_uuid(char producer, std::uint64_t clock, document::Flags flags) {
  document::Uuid uuid;
  uuid.clock = clock;
  uuid.producer = {1, 0, 0, 0, 0, static_cast<std::uint8_t>(producer)};
  uuid.flags = static_cast<std::uint16_t>(flags);
  return uuid;
}

// A line of a journal: producer, what it is (C to be continued, A acknowledgement, O outside),
// clock, and an `n` to know it by.
inline std::string test_line(char producer, char kind, std::uint64_t clock, int n = 0) {
  const auto flags = kind == 'C'   ? document::Flags::kContinue
                     : kind == 'A' ? document::Flags::kAck
                                   : document::Flags::kOutside;
  return fmt::format("{{\"_meta\":{{\"uuid\":\"{}\"}},\"n\":{}}}\n",
                     document::format_uuid(test_uuid(producer, clock, flags)), n);
}

inline std::string file_text(const std::string& path) {
  const auto text = io::read_file(path, 1u << 30);
  return text ? *text : "(" + text.error().message + ")";
}

inline void write_text(const std::string& path, std::string_view text) {
  ASSERT_TRUE(io::make_folders(io::folder_of(path)));
  ASSERT_TRUE(io::write_file_atomically(path, text));
}

// Names of the fragments in a folder, with SHA-1 cut to nothing.
inline std::vector<std::string> fragment_names(const std::string& folder) {
  std::vector<std::string> names;
  const auto entries = io::list_folder(folder);
  if (!entries) return names;
  for (const auto& entry : *entries)
    if (parse_fragment_name(entry.name)) names.push_back(entry.name.substr(0, 33));
  return names;
}

// All documents that a reader gives up to the present end; their `n`, or their text where it has
// none. Errors as text.
inline std::vector<std::string> read_all(Reader& reader) {
  std::vector<std::string> found;
  for (;;) {
    auto batch = reader.next();
    if (!batch) {
      found.push_back("error: " + batch.error().message);
      return found;
    }
    if (!*batch) return found;
    for (const Document& document : (*batch)->documents) {
      const std::size_t at = document.json.rfind("\"n\":");
      found.push_back(at == std::string_view::npos ? std::string(document.json)
                                                   : std::string(document.json.substr(
                                                         at + 4, document.json.size() - at - 5)));
    }
  }
}

}  // namespace weir::journal
