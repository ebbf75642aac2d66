package org.espalier.job;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps other processes out of a run's folder; the system lets go of it when the process ends, however it ends. */
final class RunLock implements AutoCloseable {
    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock. What the lock's file holds stays as it is.
     *
     * @throws InputException if the folder cannot be written, or another process works on the run
     */
    static RunLock take(Path folder) {
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    folder.resolve(RunNames.LOCK),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw RunFolder.unwritable(folder, e);
        }
        RunLock lock = new RunLock(channel);
        try {
            if (channel.tryLock() != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            // This process works on it.
        } catch (IOException e) {
            lock.close();
            throw RunFolder.unwritable(folder, e);
        }
        lock.close();
        throw new InputException("run folder '" + folder
                + "': another process works on this run; wait for it to end, or choose another folder");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The end of the process lets go of it, too.
        }
    }
}
