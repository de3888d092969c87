#include "app/sops_program.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace weir::app {
namespace {

using testing::HasSubstr;
using testing::Not;

// A folder that alone is on the PATH before the system's, with a `sops` of the test's.
class SopsProgram : public testing::Test {
 protected:
  SopsProgram() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-sops-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    const char* path = std::getenv("PATH");
    path_ = path == nullptr ? "" : path;
    ::setenv("PATH", (folder_ + ":/usr/bin:/bin").c_str(), 1);
  }
  ~SopsProgram() override {
    ::setenv("PATH", path_.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  void write_script(const std::string& commands) const {
    std::ofstream(file("sops")) << "#!/bin/sh\ncd " << folder_ << "\n" << commands;
    ::chmod(file("sops").c_str(), 0700);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(file(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string folder_;
  std::string path_;
};

// Stands still until it is moved on.
class StillClock : public Clock {
 public:
  Timestamp now() const override { return {}; }
  Instant monotonic() const override { return Instant(std::chrono::seconds(seconds_.load())); }
  void advance(std::chrono::seconds by) { seconds_ += by.count(); }

 private:
  std::atomic<std::int64_t> seconds_{100};
};

TEST_F(SopsProgram, AnswersWithThePlainText) {
  EXPECT_FALSE(sops_is_there());
  write_script("echo \"$@\" > words; cat /dev/stdin > document; echo '{\"a\": \"canary-1\"}'\n");
  EXPECT_TRUE(sops_is_there());
  const auto plain = decrypt_by_sops("{\"a\": \"ENC[]\"}", "json", system_clock());
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->reveal(), "{\"a\": \"canary-1\"}\n");
  EXPECT_EQ(read("document"), "{\"a\": \"ENC[]\"}");
  EXPECT_EQ(read("words"), "--decrypt --input-type json --output-type json /dev/stdin\n");
}

TEST_F(SopsProgram, TellsWhyItCouldNotOpen) {
  write_script("echo 'no credentials for arn:aws:kms:x' >&2; echo more >&2; exit 128\n");
  const auto plain = decrypt_by_sops("{}", "yaml", system_clock());
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, Code::kSealed);
  EXPECT_THAT(plain.error().message, HasSubstr("no credentials for arn:aws:kms:x"));
  EXPECT_THAT(plain.error().message, Not(HasSubstr("more")));
}

TEST_F(SopsProgram, ASignalIsNoSuccess) {
  write_script("echo '{}'; kill -9 $$\n");
  EXPECT_EQ(decrypt_by_sops("{}", "json", system_clock()).error().code, Code::kSealed);
}

TEST_F(SopsProgram, AHangingProgramIsEndedWithAllThatItStarted) {
  // The program and what it starts hold this one open until they end.
  ASSERT_EQ(::mkfifo(file("alive").c_str(), 0600), 0);
  write_script("exec 3> alive; echo canary-1; sleep 1000 & echo started >&3; wait\n");
  StillClock clock;
  std::ifstream alive;
  std::thread mover([&] {
    alive.open(file("alive"));
    std::string line;
    std::getline(alive, line);
    clock.advance(kSopsTimeout);
  });
  const auto plain = decrypt_by_sops("{}", "json", clock);
  mover.join();
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, Code::kUnavailable);
  EXPECT_THAT(plain.error().message, HasSubstr("did not end within 60 seconds and was ended"));
  EXPECT_THAT(plain.error().message, Not(HasSubstr("canary")));
  // Comes to an end once nobody holds it.
  const std::string rest{std::istreambuf_iterator<char>(alive), {}};
  EXPECT_EQ(rest, "");
}

TEST_F(SopsProgram, AProgramThatStaysBehindItsAnswerIsEndedToo) {
  ASSERT_EQ(::mkfifo(file("started").c_str(), 0600), 0);
  write_script("echo '{}'; exec >&-; echo 1 > started; exec sleep 1000\n");
  StillClock clock;
  std::thread mover([&] {
    int started = 0;
    std::ifstream(file("started")) >> started;
    clock.advance(kSopsTimeout);
  });
  const auto plain = decrypt_by_sops("{}", "json", clock);
  mover.join();
  EXPECT_EQ(plain.error().code, Code::kUnavailable);
}

TEST_F(SopsProgram, AnEndlessAnswerIsCut) {
  write_script("exec cat /dev/zero\n");
  const auto plain = decrypt_by_sops("{}", "json", system_clock());
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, Code::kLimit);
}

}  // namespace
}  // namespace weir::app
