package org.espalier.job;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was asked for, or a file that it names, is wrong. The message is one line: what, where, what to do. */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable Setting setting;

    /**
     * Creates the exception.
     *
     * @param message one line for the user: what is wrong, where, and what to do
     */
    public InputException(String message) {
        super(message);
        this.setting = null;
    }

    /**
     * Creates the exception with the message of its cause.
     *
     * @param cause an error whose message is a line for the user
     */
    public InputException(Throwable cause) {
        this(cause.getMessage(), cause);
    }

    /**
     * Creates the exception.
     *
     * @param message one line for the user; null for the cause's message
     * @param cause the error behind it
     */
    public InputException(@Nullable String message, Throwable cause) {
        this(message, cause, null);
    }

    /**
     * Creates the exception for a setting. The command line adds the name of the option that sets it.
     *
     * @param setting the setting that must be changed
     * @param message one line for the user
     * @param cause the error behind it; null for none
     */
    public InputException(Setting setting, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.setting = setting;
    }

    private InputException(@Nullable String message, Throwable cause, @Nullable Setting setting) {
        super(message == null ? cause.toString() : message, cause);
        this.setting = setting;
    }

    /** {@return the setting that must be changed; empty where it is not one setting} */
    public Optional<Setting> setting() {
        return Optional.ofNullable(setting);
    }
}
