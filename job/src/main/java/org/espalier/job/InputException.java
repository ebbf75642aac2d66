package org.espalier.job;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was asked for, or a file that it names, is wrong. The message is one line: what, where, what to do. */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable Setting setting;

    /** With what to tell the user. */
    public InputException(String message) {
        super(message);
        this.setting = null;
    }

    /** With the message of its cause. */
    public InputException(Throwable cause) {
        this(cause.getMessage(), cause);
    }

    /** With what to tell the user; null for the cause's own words. */
    public InputException(@Nullable String message, Throwable cause) {
        this(message, cause, null);
    }

    /** With what to tell the user, whose words the command line completes by the option that sets it. */
    public InputException(Setting setting, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.setting = setting;
    }

    private InputException(@Nullable String message, Throwable cause, @Nullable Setting setting) {
        super(message == null ? cause.toString() : message, cause);
        this.setting = setting;
    }

    /** What is to be set otherwise, where there is one name for it. */
    public Optional<Setting> setting() {
        return Optional.ofNullable(setting);
    }
}
