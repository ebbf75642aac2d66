package org.espalier.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where files lie that can be made or fetched again.
 *
 * <p>The root is the first of these that can be used: the folder that {@code ESPALIER_CACHE} names; {@code espalier} in {@code
 * XDG_CACHE_HOME}; {@code ~/.cache/espalier}; {@code espalier-UID} in the temporary folder. Native libraries lie in {@code natives} below
 * it, data sets in {@code data}. Nothing is made before it is needed.
 */
public final class Caches {
    /** The environment variable that names the root. */
    public static final String VARIABLE = "ESPALIER_CACHE";

    private static final String NAME = "espalier";

    private Caches() {}

    /** {@return the folder of all caches; it need not exist} */
    public static Path root() {
        return root(
                System.getenv(),
                System.getProperty("user.home", ""),
                Path.of(System.getProperty("java.io.tmpdir", ".")));
    }

    /** {@return the folder of native libraries; it need not exist} */
    public static Path natives() {
        return root().resolve("natives");
    }

    /** {@return the folder of data sets; it need not exist} */
    public static Path data() {
        return root().resolve("data");
    }

    /**
     * The root by an environment.
     *
     * @param userHome what Java takes for the user's home; {@code ?} where the system knows no user
     * @throws PlatformException if {@code ESPALIER_CACHE} is no path, or the folder in the temporary folder is somebody else's
     */
    static Path root(Map<String, String> environment, String userHome, Path temporary) {
        String chosen = environment.getOrDefault(VARIABLE, "");
        if (!chosen.isBlank()) {
            Path path = path(chosen);
            if (path == null) {
                throw new PlatformException(
                        VARIABLE + ": must name a folder, found '" + chosen + "'; set it to a folder, or unset it");
            }
            return path.toAbsolutePath().normalize();
        }
        Path shared = absolute(environment.getOrDefault("XDG_CACHE_HOME", ""));
        if (shared != null && isUsable(shared.resolve(NAME))) {
            return shared.resolve(NAME);
        }
        for (String home : new String[] {environment.getOrDefault("HOME", ""), userHome}) {
            Path folder = absolute(home);
            if (folder != null && Files.isDirectory(folder)) {
                Path cache = folder.resolve(".cache").resolve(NAME);
                if (isUsable(cache)) {
                    return cache;
                }
            }
        }
        return inTemporary(temporary);
    }

    private static @Nullable Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** The path of that name; null for a relative one, which would be another one in each working folder. */
    private static @Nullable Path absolute(String text) {
        Path path = path(text);
        return path != null && path.isAbsolute() ? path.normalize() : null;
    }

    /** Whether a folder is there, or can be made. */
    private static boolean isUsable(Path folder) {
        if (Files.exists(folder)) {
            return Files.isDirectory(folder);
        }
        for (Path p = folder.getParent(); p != null; p = p.getParent()) {
            if (Files.exists(p)) {
                return Files.isDirectory(p) && Files.isWritable(p);
            }
        }
        return false;
    }

    /** Everybody may write into the temporary folder: what lies there under our name counts only if it is ours. */
    private static Path inTemporary(Path temporary) {
        Object user = owner(Path.of("/proc/self"), true);
        String name = user != null
                ? user.toString()
                : System.getProperty("user.name", "").replaceAll("\\W", "");
        Path folder = temporary.toAbsolutePath().normalize().resolve(NAME + "-" + name);
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Object owner = owner(folder, false);
            boolean ours = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && (user == null || user.equals(owner));
            if (!ours) {
                throw new PlatformException(String.format(
                        Locale.ROOT,
                        "cache '%s': must be a folder of this user, found one of user %s; name another with %s",
                        folder,
                        owner,
                        VARIABLE));
            }
        }
        return folder;
    }

    /** The number of the user to whom a file belongs; null where there are none. */
    private static @Nullable Object owner(Path file, boolean followLinks) {
        LinkOption[] options = followLinks ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
        try {
            return Files.getAttribute(file, "unix:uid", options);
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * Makes a folder of a cache.
     *
     * @throws PlatformException if it cannot be made
     */
    static void make(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new PlatformException(
                    "cache '" + folder + "': cannot be made (" + e + "); name a folder that can be written with "
                            + VARIABLE,
                    e);
        }
    }
}
