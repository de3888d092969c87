#include "journal/find_files.h"

#include <algorithm>
#include <set>

#include "base/glob.h"
#include "base/text.h"

namespace weir::journal {
namespace {

std::string joined(const std::string& folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  if (folder.ends_with('/')) return folder + std::string(name);
  return folder + "/" + std::string(name);
}

class Search {
 public:
  explicit Search(const FilePatterns& patterns) : patterns_(patterns) {}

  Result<FoundFiles> run() {
    for (const std::string& pattern : patterns_.patterns) {
      const std::size_t before = out_.files.size();
      parts_ = pattern_parts(pattern);
      way_.clear();
      std::string name;
      std::size_t first = 0;
      if (!parts_.empty() && parts_.front() == "/") {
        name = "/";
        first = 1;
      }
      WEIR_RETURN_IF_ERROR(visit(name, first, 0));
      std::sort(out_.files.begin() + static_cast<std::ptrdiff_t>(before), out_.files.end(),
                [](const FoundFile& a, const FoundFile& b) { return a.name < b.name; });
    }
    out_.folders.assign(folders_.begin(), folders_.end());
    return std::move(out_);
  }

 private:
  // A folder that `**` went through.
  struct OnTheWay {
    std::string name;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
  };

  std::string path_of(const std::string& name) const {
    if (name.starts_with('/')) return name;
    if (name.empty()) return patterns_.folder.empty() ? "." : patterns_.folder;
    return joined(patterns_.folder, name);
  }

  // `name` is a folder that exists, or may: parts from `at` on are to be found in it.
  Status visit(const std::string& name, std::size_t at, std::size_t depth) {
    const std::string& part = parts_[at];
    const bool last = at + 1 == parts_.size();
    if (part == "**") return visit_below(name, at, depth);
    if (!is_wild(part)) {
      const std::string found = joined(name, unescaped_part(part));
      if (!last) return visit(found, at + 1, depth);
      return take(name, found, true);
    }
    WEIR_TRY(const auto entries, list(name));
    for (const io::FolderEntry& entry : entries) {
      if (!matches_name(part, entry.name)) continue;
      const std::string found = joined(name, entry.name);
      if (last && entry.kind == io::FileKind::kFile) {
        WEIR_RETURN_IF_ERROR(take(name, found, false));
      } else if (!last && entry.kind == io::FileKind::kFolder) {
        WEIR_RETURN_IF_ERROR(visit(found, at + 1, depth));
      }
    }
    return {};
  }

  // No folder, or any number of them.
  Status visit_below(const std::string& name, std::size_t at, std::size_t depth) {
    if (leads_back(name)) return {};
    const std::size_t length = way_.size();
    WEIR_RETURN_IF_ERROR(visit(name, at + 1, depth));
    if (depth == kPlainFolderDepthMax) return {};
    WEIR_TRY(const auto entries, list(name));
    for (const io::FolderEntry& entry : entries) {
      if (entry.kind != io::FileKind::kFolder || entry.name.starts_with('.')) continue;
      way_.resize(length);
      WEIR_RETURN_IF_ERROR(visit_below(joined(name, entry.name), at, depth + 1));
    }
    return {};
  }

  // A symbolic link to a folder above it: its files would be found again and again. If it is none,
  // it is put on the way.
  bool leads_back(const std::string& name) {
    const auto info = io::file_info(path_of(name));
    if (!info) return false;
    const bool back = std::any_of(way_.begin(), way_.end(), [&](const OnTheWay& each) {
      return each.device == info->device && each.inode == info->inode && each.name != name;
    });
    if (!back) way_.push_back({name, info->device, info->inode});
    return back;
  }

  Result<std::vector<io::FolderEntry>> list(const std::string& name) {
    const std::string path = path_of(name);
    WEIR_RETURN_IF_ERROR(look_into(path));
    auto entries = io::list_folder(path);
    if (!entries && entries.error().code == Code::kNotFound) return std::vector<io::FolderEntry>();
    return entries;
  }

  Status look_into(const std::string& path) {
    folders_.insert(path);
    if (folders_.size() <= kPlainFoldersMax) return {};
    return error(Code::kLimit, "the patterns lead into more than {} folders below {}",
                 kPlainFoldersMax, patterns_.folder);
  }

  Status take(const std::string& folder, const std::string& name, bool by_name) {
    WEIR_RETURN_IF_ERROR(look_into(path_of(folder)));
    const std::string path = path_of(name);
    auto info = io::file_info(path);
    if (!info) {
      if (info.error().code == Code::kNotFound) return {};
      return tl::unexpected(std::move(info).error());
    }
    if (info->kind != io::FileKind::kFile) {
      if (!by_name) return {};
      return error(Code::kInvalid, "{} is no plain file{}", printable_name(name),
                   info->kind == io::FileKind::kFolder
                       ? fmt::format("; write {}/*.jsonl for the files in it", printable_name(name))
                       : "");
    }
    if (!names_.insert(name).second) return {};
    if (out_.files.size() == kPlainFilesMax)
      return error(Code::kLimit, "the patterns name more than {} files below {}", kPlainFilesMax,
                   patterns_.folder);
    out_.files.push_back({name, path, *info});
    return {};
  }

  const FilePatterns& patterns_;
  std::vector<std::string> parts_;
  FoundFiles out_;
  std::vector<OnTheWay> way_;
  std::set<std::string> names_;
  std::set<std::string> folders_;
};

}  // namespace

Result<FoundFiles> find_files(const FilePatterns& patterns) {
  return Search(patterns).run();
}

std::string printable_name(std::string_view name) {
  const bool text = valid_utf8(name);
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !text)) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace weir::journal
