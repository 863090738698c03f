#pragma once

#include <filesystem>
#include <system_error>

namespace ravine {

/// The file by which a folder is locked; it may stay when the lock is gone.
inline constexpr const char* kLockFile = ".ravine-lock";

/// A lock on a folder among processes, by flock(2) on a file in it. The system releases it when the
/// process ends, however it ends.
class FolderLock {
 public:
  FolderLock() = default;  ///< of nothing

  /// Locks an existing folder. When that fails, `failed` says why and the lock is of nothing:
  /// std::errc::operation_would_block when another one holds it.
  static FolderLock take(const std::filesystem::path& folder, std::error_code& failed);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

 private:
  int file_ = -1;
};

}  // namespace ravine
