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

struct Case {
  std::string name;                // of the report, without ".txt"
  std::vector<std::string> paths;  // laid over each other
  bool published = false;
};

// Every file of the folder alone, some with files laid over them, some held to the published model.
std::vector<Case> cases() {
  std::vector<Case> out = {
      {"estuary-over", {"estuary.yaml", "parts/estuary/weir.yaml"}},
      {"estuary-over-broken",
       {"estuary.yaml", "parts/estuary/weir.yaml", "parts/estuary/broken_over.yaml"}},
      {"sealed-over", {"parts/sealed.yaml", "parts/sealed_over.yaml"}},
      {"estuary-published", {"estuary.yaml"}, true},
      {"published-published", {"published.yaml"}, true},
      {"not_in_this_build-published", {"not_in_this_build.yaml"}, true},
  };
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".json")
      out.push_back({entry.path().stem(), {entry.path().filename()}});
  }
  std::sort(out.begin(), out.end(), [](const Case& a, const Case& b) { return a.name < b.name; });
  return out;
}

std::string report_of(const Case& shown) {
  GoldenFiles files;
  LoadOptions options = test_options(files);
  options.published = shown.published;
  return format_report(validate(load(shown.paths, options)));
}

TEST(CatalogGolden, Reports) {
  ASSERT_FALSE(cases().empty());
  for (const Case& shown : cases()) {
    SCOPED_TRACE(shown.name);
    const fs::path expected = fs::path(kFolder) / (shown.name + ".txt");
    const std::string report = report_of(shown);
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
  for (const Case& shown : cases()) {
    const bool has =
        read_all(fs::path(kFolder) / shown.paths.front()).find("canary") != std::string::npos;
    with_secrets += has ? 1 : 0;
    EXPECT_EQ(report_of(shown).find("canary"), std::string::npos) << shown.name;
  }
  EXPECT_GE(with_secrets, 5u);
}

TEST(CatalogGolden, EveryCodeIsShownSomewhere) {
  // These cannot be shown by a file of the folder; build_test.cc and load_test.cc do.
  std::set<std::string_view> missing = {"E103", "E408", "E410", "E412"};
  std::string all;
  for (const Case& shown : cases()) all += report_of(shown);
  for (const CodeInfo& info : codes()) {
    const bool shown = all.find(fmt::format("[{}]", info.code)) != std::string::npos;
    EXPECT_NE(shown, missing.contains(info.code)) << info.code;
  }
}

}  // namespace
}  // namespace weir::catalog
