// A SQLite file system layer whose writes or syncs fail when told to; everything else goes to the
// real one. While one lives it is the default of every connection that is opened.
#pragma once

#include <memory>

namespace weir::testing {

enum class DiskFault { kFull, kIoError, kSyncFails };

class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // The n-th write (or sync, for kSyncFails) from now on fails; for good: all later ones, too.
  void arm(DiskFault fault, long n, bool for_good);
  // Nothing fails any more. True if the fault was met.
  bool disarm();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace weir::testing
