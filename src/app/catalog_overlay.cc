#include "app/catalog_overlay.h"

#include "app/wiring.h"
#include "io/file.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"

namespace weir::app {
namespace {

class OverlaidFiles : public catalog::FileReader {
 public:
  explicit OverlaidFiles(const Texts& instead) : instead_(instead) {}
  Result<std::string> read(const std::string& path) override {
    if (const auto text = instead_.find(path); text != instead_.end()) return text->second;
    return io::read_file(path, catalog::kFileBytesMax);
  }

 private:
  const Texts& instead_;
};

}  // namespace

catalog::Loaded load_catalog_with(const std::vector<std::string>& flow, const Texts& instead) {
  OverlaidFiles files(instead);
  catalog::LoadOptions options;
  options.files = &files;
  options.yaml = [](std::string_view text, json::Arena& arena) {
    return json::parse_yaml(text, arena);
  };
  options.regex = json::re2_regex_factory();
  catalog::Loaded loaded = catalog::load(flow, options);
  make_paths_absolute(loaded.catalog);
  return loaded;
}

}  // namespace weir::app
