#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace ravine {

/// Told now and then how many bytes have come and how many are announced (0: unknown). An exception
/// it throws ends the download and reaches the caller.
using DownloadProgress = std::function<void(std::uint64_t received, std::uint64_t total)>;

/// Downloads an http or https address into a file, which appears when it is complete and under
/// `TARGET.part` before. Follows redirects, from https only to https. Throws IoError in one line
/// that names the address: no connection, a status other than 200, more than `max_bytes`, a
/// connection cut or nearly silent for half a minute, a disk that is full.
void download(const std::string& url, const std::filesystem::path& target, std::uint64_t max_bytes,
              const DownloadProgress& progress = {});

}  // namespace ravine
