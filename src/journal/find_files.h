// The files that patterns name (base/glob.h), looked up on disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file.h"

namespace weir::journal {

inline constexpr std::size_t kPlainFilesMax = 10'000;    // of one collection
inline constexpr std::size_t kPlainFoldersMax = 10'000;  // looked into for one collection
inline constexpr std::size_t kPlainFolderDepthMax = 32;  // that `**` goes down

// Where the files of a collection lie: patterns as the user wrote them, relative to `folder`; if
// that is empty, to the working folder.
struct FilePatterns {
  std::string folder;
  std::vector<std::string> patterns;
};

struct FoundFile {
  std::string name;  // from the folder of the patterns on, "." taken out; for people, and the order
  std::string path;
  io::FileInfo info;
};

struct FoundFiles {
  // By pattern, in the order they are written; of one pattern ascending by the bytes of the name. A
  // file that an earlier pattern named is not named again.
  std::vector<FoundFile> files;
  std::vector<std::string> folders;  // looked into, and those that do not exist yet; each once
};

// What does not exist is not found, and no error. kLimit beyond the limits above; kInvalid for a
// folder that cannot be read, or a pattern without wild cards that names no file but a folder, a
// pipe or a device.
Result<FoundFiles> find_files(const FilePatterns& patterns);

// A name for messages: bytes that are no text as \xNN.
std::string printable_name(std::string_view name);

}  // namespace weir::journal
