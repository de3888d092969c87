#include "app/arrivals.h"

#include "app/folders.h"
#include "base/log.h"
#include "io/file.h"
#include "journal/append.h"
#include "journal/file_journal.h"

namespace weir::app {
namespace {

constexpr std::size_t kPartitionsDeep = 16;  // folders between a collection and its fragments
constexpr std::chrono::hours kLongWait{1};

// The folder and all folders in it, as far as they exist.
void collect(const std::string& folder, std::size_t depth, std::vector<std::string>& out) {
  const auto entries = io::list_folder(folder);
  if (!entries) return;
  out.push_back(folder);
  if (depth == 0) return;
  for (const io::FolderEntry& entry : *entries) {
    if (entry.kind == io::FileKind::kFolder) collect(join_path(folder, entry.name), depth - 1, out);
  }
}

}  // namespace

Arrivals::Arrivals(std::string journals, std::function<void()> changed)
    : root_(std::move(journals)),
      changed_(std::move(changed)),
      watcher_(io::Watcher::start(wake_)),
      thread_("weir arrivals", [this] { run(); }) {}

Arrivals::~Arrivals() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify();
  thread_.join();
}

void Arrivals::watch(const std::string& collection) {
  {
    const std::lock_guard lock(mutex_);
    if (!collections_.insert(collection).second) return;
  }
  wake_.notify();
}

void Arrivals::watch(const std::string& collection, const journal::FilePatterns& files) {
  {
    const std::lock_guard lock(mutex_);
    files_[collection] = files;
  }
  wake_.notify();
}

void Arrivals::run() {
  for (;;) {
    wake_.wait(kLongWait);
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    add_folders();
    changed_();
  }
}

// Folders of new partitions appear inside of watched ones, so looking after each change finds them.
void Arrivals::add_folders() {
  std::vector<std::string> folders;
  std::vector<journal::FilePatterns> files;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [collection, patterns] : files_) files.push_back(patterns);
    for (const std::string& collection : collections_) {
      folders.push_back(journal::journal_folder(root_, journal::default_journal_of(collection)));
      collect(join_path(root_, collection), kPartitionsDeep, folders);
    }
  }
  for (const journal::FilePatterns& each : files) {
    // What cannot be looked at is for its reader to say.
    if (auto found = journal::find_files(each)) {
      folders.insert(folders.end(), found->folders.begin(), found->folders.end());
    }
  }
  for (const std::string& folder : folders) {
    if (const Status added = watcher_->add(folder); !added) {
      log(LogLevel::kWarn, added.error().message, {{"folder", folder}});
    }
  }
}

}  // namespace weir::app
