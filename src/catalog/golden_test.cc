// Every bad catalog of tests/golden/catalog with the report that users see. UPDATE_GOLDEN=1
// rewrites the reports and fails, so that a change of texts is a deliberate second run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "catalog/codes.h"
#include "catalog/test_catalog.h"
#include "catalog/validate.h"

namespace weir::catalog {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFolder = "tests/golden/catalog";

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Paths are relative to the folder, so that reports do not depend on where the tests run.
class GoldenFiles : public FileReader {
 public:
  Result<std::string> read(const std::string& path) override {
    const fs::path full = fs::path(kFolder) / path;
    if (!fs::exists(full)) return error(Code::kNotFound, "no such file");
    return read_all(full);
  }
};

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".json") out.push_back(entry.path().filename());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string report_of(const std::string& name) {
  GoldenFiles files;
  return format_report(validate(load({name}, test_options(files))));
}

TEST(CatalogGolden, Reports) {
  ASSERT_FALSE(cases().empty());
  for (const std::string& name : cases()) {
    SCOPED_TRACE(name);
    const fs::path expected = (fs::path(kFolder) / name).replace_extension(".txt");
    const std::string report = report_of(name);
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
      std::ofstream(expected, std::ios::binary) << report;
      ADD_FAILURE() << "rewrote " << expected << "; run again without UPDATE_GOLDEN";
      continue;
    }
    EXPECT_EQ(report, read_all(expected));
  }
}

// Whatever is wrong, also where the YAML itself is broken: values of triggers and of endpoints stay
// where they are.
TEST(CatalogGolden, ReportsHoldNoSecret) {
  std::size_t with_secrets = 0;
  for (const std::string& name : cases()) {
    const bool has = read_all(fs::path(kFolder) / name).find("canary") != std::string::npos;
    with_secrets += has ? 1 : 0;
    EXPECT_EQ(report_of(name).find("canary"), std::string::npos) << name;
  }
  EXPECT_GE(with_secrets, 5u);
}

TEST(CatalogGolden, EveryCodeIsShownSomewhere) {
  // These cannot be shown by a file of the folder; build_test.cc and load_test.cc do.
  std::set<std::string_view> missing = {"E103", "E408", "E410"};
  std::string all;
  for (const std::string& name : cases()) all += report_of(name);
  for (const CodeInfo& info : codes()) {
    const bool shown = all.find(fmt::format("[{}]", info.code)) != std::string::npos;
    EXPECT_NE(shown, missing.contains(info.code)) << info.code;
  }
}

}  // namespace
}  // namespace weir::catalog
