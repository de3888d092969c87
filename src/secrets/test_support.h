// What the tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "secrets/age.h"

namespace weir::secrets {

inline std::string suite_path(const std::string& file) {
  const char* folder = std::getenv("WEIR_SUITES");
  return std::string(folder != nullptr ? folder : "../shared/suites") + "/" + file;
}

#define SKIP_WITHOUT_SUITE(file)                        \
  if (!std::filesystem::exists(suite_path(file))) {     \
    GTEST_SKIP() << "skipped: no " << suite_path(file); \
  }

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  EXPECT_TRUE(out.good()) << path;
}

inline bool on_path(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

// A folder that is gone with the test.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-secrets-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // What the shell's command says to standard output; `status` is its exit code.
  std::string run(const std::string& command, int* status = nullptr) const {
    const std::string out = file("stdout");
    const int code = std::system(("cd " + path_ + " && (" + command + ") >" + out).c_str());
    if (status != nullptr) *status = code;
    if (status == nullptr) EXPECT_EQ(code, 0) << command;
    return read_file(out);
  }

 private:
  std::string path_;
};

// Entropy that repeats itself.
inline Entropy counting_entropy() {
  return [next = 0](std::span<char> out) mutable -> Status {
    for (char& c : out) c = static_cast<char>(next++ * 37 + 11);
    return {};
  };
}

inline Identity test_identity() {
  return *Identity::parse(
      "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0");
}

}  // namespace weir::secrets
