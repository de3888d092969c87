// Tells tasks that their journals may have grown: watches the folders of every collection that is
// read, and those that appear below them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/wake.h"
#include "io/thread.h"
#include "io/watch.h"
#include "journal/find_files.h"

namespace weir::app {

class Arrivals {
 public:
  // `changed` is called from the thread of this object, for whatever changed.
  Arrivals(std::string journals, std::function<void()> changed);
  ~Arrivals();
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;

  // A collection's journals, from now on; again is fine.
  void watch(const std::string& collection);
  // The same for one that is read from plain files.
  void watch(const std::string& collection, const journal::FilePatterns& files);

 private:
  void run();
  void add_folders();

  const std::string root_;
  const std::function<void()> changed_;
  WakeUp wake_;
  std::mutex mutex_;
  std::set<std::string> collections_;                   // guarded by mutex_
  std::map<std::string, journal::FilePatterns> files_;  // guarded by mutex_
  bool stopping_ = false;                               // guarded by mutex_
  std::unique_ptr<io::Watcher> watcher_;
  io::Thread thread_;  // last: started when all else is ready
};

}  // namespace weir::app
