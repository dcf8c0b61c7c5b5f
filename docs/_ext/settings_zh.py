"""What the agents' settings mean, in Chinese, by the English that stands in `agents.config`."""

# ruff: noqa: E501, RUF001 - sentences of another script, each on one line with what it translates

from __future__ import annotations

HEAD = ("设置", "默认值", "取值范围", "含义")

SUMMARIES = {
    "Deep Q-learning with replay and a target network (Mnih et al. 2015).": "深度 Q 学习，带经验回放和目标网络（Mnih 等，2015）。",
    "Online Q-learning with a network (Deep Learning from Scratch 4, section 7.4).": "用网络的在线 Q 学习（《深度学习入门 4》7.4 节）。",
    "Q-learning with a table (Deep Learning from Scratch 4, section 6.4; Sutton & Barto, section 6.5).": "用表格的 Q 学习（《深度学习入门 4》6.4 节；Sutton 和 Barto，6.5 节）。",
    "SARSA (Deep Learning from Scratch 4, section 6.2; Sutton & Barto, sections 6.4, 7.2 and 12.3).": "SARSA（《深度学习入门 4》6.2 节；Sutton 和 Barto，6.4、7.2、12.3 节）。",
    "Expected SARSA (Sutton & Barto, sections 6.6, 7.2 and 12.3).": "期望 SARSA（Sutton 和 Barto，6.6、7.2、12.3 节）。",
    "First-visit Monte Carlo (Deep Learning from Scratch 4, section 5.4; Sutton & Barto, section 5.4).": "首次访问蒙特卡洛（《深度学习入门 4》5.4 节；Sutton 和 Barto，5.4 节）。",
    "REINFORCE (Deep Learning from Scratch 4, section 9.2; Sutton & Barto, sections 13.3 and 13.4).": "REINFORCE（《深度学习入门 4》9.2 节；Sutton 和 Barto，13.3、13.4 节）。",
    "Actor-critic (Deep Learning from Scratch 4, section 9.4; Sutton & Barto, section 13.5).": "演员-评论家（《深度学习入门 4》9.4 节；Sutton 和 Barto，13.5 节）。",
    "A uniformly random agent has nothing to set.": "完全随机的智能体，没有什么可设置的。",
}

MEANINGS = {
    "discount factor gamma": "折扣率 γ",
    "step size of Adam": "Adam 的步长",
    "environment steps after which the step size falls as 1/steps; none: never": "环境走了这么多步之后，步长按 1/步数 下降；None 表示不下降",
    "added to the root of Adam's second moment; large: small gradients make small steps": "加在 Adam 二阶矩平方根上的数；取大一些，小的梯度就只走小步",
    "sparse-adam steps only the states in the batch: cheap where there are many, but another algorithm": "sparse-adam 只更新批次里出现的状态：状态很多时省时间，但已是另一种算法",
    "width of each hidden layer": "每个隐藏层的宽度",
    "transitions in a gradient step": "一次梯度更新用多少条转移",
    "transitions the replay keeps": "回放缓冲区保留多少条转移",
    "environment steps before the first gradient step": "第一次梯度更新之前，环境先走多少步",
    "steps (of all lanes together) from one training to the next": "相邻两次训练之间走多少步（各路环境加在一起）",
    "gradient steps in a training; -1: as many as transitions since the last one": "一次训练更新多少次梯度；-1 表示与上次以来的转移数相同",
    "gradient steps from one update of the target network to the next": "每隔多少次梯度更新，更新一次目标网络",
    "how far an update moves the target network; 1 copies": "目标网络每次移动的比例；1 表示直接复制",
    "let the network choose the action whose value the target network gives": "由网络选动作，由目标网络给出它的价值（double Q）",
    "rewards in a return before it bootstraps": "自举之前累计多少步奖励",
    "lambda of the return: 1 takes all n_steps rewards, less mixes shorter returns in": "回报的 λ：1 用满 n_steps 步奖励，小于 1 则混入步数更少的回报",
    "loss of a TD error": "TD 误差的损失函数",
    "longest gradient; longer ones are scaled down": "梯度长度的上限；更长的按比例缩短",
    "probability of a random action at first": "开始时随机动作的概率",
    "probability of a random action in the end": "最后随机动作的概率",
    "how epsilon changes from the first to the last": "怎样从前者变到后者",
    "environment steps that this takes (constant: epsilon stays)": "用多少步变过去（constant：始终是 epsilon）",
    "step size of gradient descent": "梯度下降的步长",
    "probability of a random action": "随机动作的概率",
    "step size alpha, where it is constant": "步长固定时的步长 α",
    "1/n: the n-th target of a pair weighs 1/n, so that its value is their mean": "1/n：一对状态和动作的第 n 个目标值权重为 1/n，于是学到的值就是它们的平均",
    "probability of a random action (at first)": "随机动作的概率（开始时）",
    "how epsilon changes; constant: never": "怎样从前者变到后者；constant：不变",
    "environment steps that this takes": "用多少步变过去",
    "learn two tables; each values the action that is best in the other": "学两张表；一张表里最好的动作，由另一张表给出价值",
    "step size of Adam for the policy": "策略的 Adam 步长",
    "subtract what a second network thinks a state is worth": "减去另一个网络对状态价值的估计（基线）",
    "step size of Adam for the baseline": "基线的 Adam 步长",
    "weigh step t of an episode by discount^t, as the gradient of the start's value does": "回合的第 t 步乘以权重 discount^t，与起点价值的梯度一致",
    "weight of the policy's entropy in what is maximised": "最大化的目标里，策略的熵所占的权重",
    "step size of Adam for the policy (the actor)": "策略（演员）的 Adam 步长",
    "step size of Adam for the state values (the critic)": "状态价值（评论家）的 Adam 步长",
    "environment steps after which both step sizes fall as 1/steps; none: never": "环境走了这么多步之后，两个步长都按 1/步数 下降；None 表示不下降",
    "steps of every lane from one update to the next": "相邻两次更新之间，每路环境走多少步",
    "lambda of the advantages over those steps: 0 looks one reward ahead, 1 as many as there are": "在这些步上计算优势时的 λ：0 只看一步奖励，1 看到底",
    "scale the advantages of an update to mean 0, deviation 1": "把一次更新里的优势缩放到均值 0、标准差 1",
}

RANGES = (
    ("at least {} and at most {}", "{} 到 {}"),
    ("more than {} and at most {}", "大于 {}，至多 {}"),
    ("at least {}", "至少 {}"),
    ("more than {}", "大于 {}"),
    ("one of {}", "{} 之一"),
)
"""Patterns of what is allowed; numbers and names stay."""
