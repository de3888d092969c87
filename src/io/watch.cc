// One thread waits for inotify, for new folders to watch, and for the end. A folder that is not
// there yet is waited for by watching its nearest ancestor that is; whenever that one changes, all
// missing folders are tried again.
#include "io/watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "io/file.h"
#include "io/thread.h"

namespace weir::io {
namespace {

constexpr std::uint32_t kEvents = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

// inotify sees only what this machine writes.
bool written_by_others_too(const std::string& folder) {
  struct statfs found {};
  if (::statfs(folder.c_str(), &found) != 0) return false;
  switch (static_cast<std::uint32_t>(found.f_type)) {
    case 0x6969:      // NFS
    case 0xff534d42:  // CIFS
    case 0xfe534d42:  // SMB2
    case 0x65735546:  // FUSE
    case 0x01021997:  // 9P
    case 0x00c36400:  // Ceph
      return true;
    default: return false;
  }
}

// What changes when a file in the folder does: names, sizes and times of modification.
std::string fingerprint(const std::string& folder) {
  const auto entries = list_folder(folder);
  if (!entries) return "(none)";
  std::string text;
  for (const FolderEntry& entry : *entries) {
    const auto info = file_info(folder + "/" + entry.name);
    if (!info) continue;
    text += fmt::format("{}/{}/{}/{}\n", entry.name, info->inode, info->size,
                        info->modified.time_since_epoch().count());
  }
  return text;
}

class FolderWatcher final : public Watcher {
 public:
  FolderWatcher(WakeUp& changed, const Options& options)
      : changed_(changed),
        options_(options),
        inotify_(options.always_poll ? -1 : ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify"),
        wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd"),
        thread_("weir-watch", [this] { run(); }) {}

  ~FolderWatcher() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake();
    thread_.join();
  }

  Status add(const std::string& folder) override {
    {
      std::lock_guard lock(mutex_);
      if (known_.size() >= kWatchedFoldersMax && known_.count(folder) == 0)
        return error(Code::kLimit, "more than {} folders to watch", kWatchedFoldersMax);
      if (!known_.insert(folder).second) return {};
      added_.push_back(folder);
    }
    wake();
    return {};
  }

 private:
  void wake() {
    const std::uint64_t one = 1;
    // Fails only where the counter is full, and then the thread is woken anyway.
    [[maybe_unused]] const ssize_t n = ::write(wake_.descriptor(), &one, sizeof one);
  }

  void run() {
    for (;;) {
      std::vector<std::string> added;
      {
        std::lock_guard lock(mutex_);
        if (stopping_) return;
        added.swap(added_);
      }
      for (std::string& folder : added) watch(folder);
      // Something may have changed between the caller's last look and the watch.
      if (!added.empty()) changed_.notify();
      const bool polling = !polled_.empty();
      pollfd waits[] = {{wake_.descriptor(), POLLIN, 0}, {inotify_.descriptor(), POLLIN, 0}};
      const int ready = ::poll(waits, inotify_.is_open() ? 2 : 1,
                               polling ? static_cast<int>(options_.poll.count()) : -1);
      if (ready > 0 && waits[0].revents != 0) {
        std::uint64_t ignored;
        [[maybe_unused]] const ssize_t n = ::read(wake_.descriptor(), &ignored, sizeof ignored);
      }
      if (inotify_.is_open() && ready > 0 && waits[1].revents != 0) drain();
      if (polling) look();
    }
  }

  void watch(const std::string& folder) {
    if (!inotify_.is_open() || written_by_others_too(folder)) return poll_for(folder);
    for (;;) {
      if (add_watch(folder, folder)) {
        missing_.erase(folder);
        return;
      }
      if (errno != ENOENT && errno != ENOTDIR) return poll_for(folder);
      missing_.insert(folder);
      std::string below = folder;
      std::string above = folder_of(folder);
      while (!add_watch(above, {}) && above != below) {
        below = above;
        above = folder_of(above);
      }
      if (above == below) return poll_for(folder);
      // The next folder on the way may have been made before its parent was watched.
      if (!file_info(below)) return;
    }
  }

  bool add_watch(const std::string& path, const std::string& folder) {
    const int id = ::inotify_add_watch(inotify_.descriptor(), path.c_str(), kEvents);
    if (id < 0) return false;
    if (!folder.empty()) watches_[id] = folder;
    return true;
  }

  void poll_for(const std::string& folder) {
    missing_.erase(folder);
    polled_.emplace(folder, fingerprint(folder));
  }

  void drain() {
    alignas(inotify_event) char buffer[16 << 10];
    std::set<std::string> lost;
    for (;;) {
      const ssize_t length = ::read(inotify_.descriptor(), buffer, sizeof buffer);
      if (length <= 0) break;
      for (ssize_t at = 0; at < length;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
        at += static_cast<ssize_t>(sizeof *event + event->len);
        const auto found = watches_.find(event->wd);
        if ((event->mask & (IN_IGNORED | IN_MOVE_SELF)) == 0 || found == watches_.end()) continue;
        lost.insert(found->second);
        watches_.erase(found);
      }
    }
    // Removed or renamed folders may come back.
    for (const std::string& folder : lost) watch(folder);
    const std::vector<std::string> missing(missing_.begin(), missing_.end());
    for (const std::string& folder : missing) watch(folder);
    changed_.notify();
  }

  void look() {
    bool changed = false;
    for (auto& [folder, before] : polled_) {
      std::string now = fingerprint(folder);
      if (now == before) continue;
      before = std::move(now);
      changed = true;
    }
    if (changed) changed_.notify();
  }

  WakeUp& changed_;
  const Options options_;
  const File inotify_;
  const File wake_;

  // Guarded by mutex_.
  std::mutex mutex_;
  bool stopping_ = false;
  std::set<std::string> known_;
  std::vector<std::string> added_;

  // Of the thread.
  std::map<int, std::string> watches_;
  std::set<std::string> missing_;
  std::map<std::string, std::string> polled_;

  Thread thread_;
};

}  // namespace

std::unique_ptr<Watcher> Watcher::start(WakeUp& changed, const Options& options) {
  return std::make_unique<FolderWatcher>(changed, options);
}

}  // namespace weir::io
