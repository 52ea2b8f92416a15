package io.raftlite.client;

/**
 * Something that the doctor has found.
 *
 * @param isProblem whether it wants an act; else it is a remark
 * @param advice what to do or to type
 */
record Finding(boolean isProblem, String what, String advice) {
    static Finding problem(String what, String advice) {
        return new Finding(true, what, advice);
    }

    static Finding remark(String what, String advice) {
        return new Finding(false, what, advice);
    }
}
