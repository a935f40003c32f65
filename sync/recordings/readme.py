"""The text that lies in every recording, in two languages, for whoever must decide whether it may be handed on."""

README = """\
A RECORDING OF ONE RUN OF TANDEM

What is inside
  manifest.json        which Tandem, which command, when, which sites (addresses, no tokens), how many rows and exchanges
  mapping.yaml         the mapping as it was used
  before.db            the store as it was before the run (SQLite), without leases
  exchange-*.jsonl     every request that the run made and its answer, one JSON object a line

What was removed
  - every configured token, also encoded in a URL or in base64; the headers Authorization, Cookie, Set-Cookie, PRIVATE-TOKEN;
    token parameters in addresses; whatever has the shape of a GitLab or Atlassian token
  - every e-mail address: in accounts, commits, texts, mapping and store. One address became one pseudonym
    (person-0123456789ab@redacted.invalid) so that what belonged together still does. The pseudonyms are keyed by a random
    value that was not kept: nobody can test a guess. Picture addresses that are digests of e-mail addresses were removed too.
  - the code of source files that were read for TODO comments: only what follows such a mark on its line was kept
  - the words of what people said on GitLab's merge requests: nothing is derived from them

What was NOT removed
  - names of people, account names, titles, descriptions, commit messages, comments in Jira, branch names, host names
    Read before you hand it on. The files are text, but for before.db, which any SQLite browser opens.

How to use it:  tandem replay FOLDER    It opens no network connection and writes to no tool.


TANDEM 一次运行的记录

内容
  manifest.json        Tandem 版本、命令、时间、站点（只有地址，没有令牌）、行数与请求数
  mapping.yaml         当时使用的映射
  before.db            运行之前的存储（SQLite），不含租约
  exchange-*.jsonl     运行发出的每个请求及其应答，每行一个 JSON 对象

已经删除的内容
  - 所有配置的令牌，包括 URL 编码和 base64 形式；Authorization、Cookie、Set-Cookie、PRIVATE-TOKEN 头；
    地址中的令牌参数；凡是形如 GitLab 或 Atlassian 令牌的文本
  - 所有电子邮件地址：账号、提交、文本、映射与存储中的都包括在内。同一个地址对应同一个化名
    （person-0123456789ab@redacted.invalid），因此原有的对应关系仍然成立。化名以一个未保存的随机值为密钥，
    任何人都无法验证猜测。由邮件地址摘要构成的头像地址也已删除。
  - 为查找 TODO 注释而读取的源文件中的代码：只保留标记所在行中标记之后的内容
  - GitLab 合并请求上评论的文字：推导结果不需要它们

没有删除的内容
  - 人名、账号名、标题、描述、提交信息、Jira 评论、分支名、主机名
    交给他人之前请先阅读。除 before.db 可用任何 SQLite 工具打开外，其余都是文本文件。

使用方法：tandem replay 文件夹    不建立任何网络连接，也不向任何工具写入。
"""
"""README.txt of a recording."""
