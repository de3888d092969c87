// Every scenario in every mode.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/log.h"
#include "testing/scratch.h"
#include "tests/scenarios/player.h"

namespace weir::scenarios {
namespace {

constexpr const char* kFolder = "tests/scenarios";

std::vector<std::string> scenario_files() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".test") out.push_back(entry.path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// An empty folder that is gone with the object.
class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, HoldsInEveryMode) {
  set_log_level(LogLevel::kError);
  set_log_sink([](std::string_view) {});
  const std::string path = std::string(kFolder) + "/" + GetParam();
  int played = 0;
  for (const Mode& mode : modes()) {
    auto script = parse_script(GetParam(), read_file(path));
    ASSERT_TRUE(script) << script.error().message;
    if (!skipped(*script, mode).empty()) continue;
    const testing::Scratch scratch;
    Player player(mode, kFolder, scratch.path());
    for (const std::string& line : player.play(*script)) ADD_FAILURE() << line;
    ++played;
  }
  EXPECT_GT(played, 0);
  RecordProperty("modes", played);
  set_log_sink(nullptr);
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioTest, ::testing::ValuesIn(scenario_files()),
                         [](const auto& test) {
                           std::string name = test.param.substr(0, test.param.find('.'));
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace weir::scenarios
