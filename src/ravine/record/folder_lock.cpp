#include "ravine/record/folder_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sys/file.h>

namespace ravine {

FolderLock FolderLock::take(const std::filesystem::path& folder, std::error_code& failed) {
  failed.clear();
  FolderLock lock;
  // Closed on exec, so that no program started meanwhile keeps the lock.
  lock.file_ = ::open((folder / kLockFile).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock.file_ >= 0 && ::flock(lock.file_, LOCK_EX | LOCK_NB) == 0) return lock;
  failed = std::error_code(errno, std::generic_category());
  return {};
}

FolderLock::FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace ravine
